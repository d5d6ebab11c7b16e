import { many, maybe, someOf, type TestGraph } from './graph.ts'

const USERS = `
  type Query { me: User  users: [User!] }
  type User @key(fields: "id") { id: ID!  name: Name  login: String! }
  type Name { first: String  last: String! }
  type Mutation { signIn(id: ID!): User }
`

const POSTS = `
  extend type Query { posts(first: Int): [Post]  timeline: [Entry] }
  union Entry = Post | Picture
  type Post @key(fields: "id") { id: ID!  text: String  author: User @provides(fields: "login")  tags: [String!] }
  type Picture @key(fields: "id") { id: ID!  caption: String  author: User }
  extend type User @key(fields: "id") {
    id: ID! @external
    login: String! @external
    posts: [Post]
    greeting: String @requires(fields: "login")
  }
  extend type Mutation { publish(text: String = "Hello", tags: [String!]): Post! }
`

const VOTES = `
  extend type Post @key(fields: "id") {
    id: ID! @external
    text: String @external
    votes: Int
    length: Int @requires(fields: "text")
  }
  extend type Picture @key(fields: "id") { id: ID! @external  votes: Int }
  extend type Query { best: Entry  counts: [[Int]] }
  union Entry = Post | Picture
`

/** Subgraphs of Federation 1: `extend type`, `@external` keys, root fields and mutations in several subgraphs. */
export const legacy: TestGraph = {
  name: 'legacy',
  subgraphs: { users: USERS, posts: POSTS, votes: VOTES },
  createData(random) {
    const users = many(4, (number) => ({
      __typename: 'User',
      id: `u${number}`,
      name: maybe({ first: maybe(`First ${number}`, random), last: `Last ${number}` }, random),
      login: `login${number}`,
      posts: null as unknown,
      greeting() {
        return `Hello ${this.login}`
      },
    }))
    const posts = many(5, (number) => ({
      __typename: 'Post',
      id: `p${number}`,
      text: maybe(`Text ${number}`, random) as string | null,
      author: maybe(random.pick(users), random),
      tags: maybe(someOf(['a', 'b', 'c'], random), random),
      votes: maybe(number, random),
      length() {
        return this.text?.length ?? null
      },
    }))
    const pictures = many(3, (number) => ({
      __typename: 'Picture',
      id: `p${number}`,
      caption: maybe(`Caption ${number}`, random),
      author: maybe(random.pick(users), random),
      votes: maybe(-number, random),
    }))
    for (const user of users) user.posts = maybe([...someOf(posts, random), null], random)
    const entities = [...users, ...posts, ...pictures]
    return {
      entities,
      query: {
        me: users[0],
        users: maybe(someOf(users, random), random),
        posts: ({ first }: { first?: number | null }) => [...posts.slice(0, first ?? undefined), null],
        timeline: [...someOf([...posts, ...pictures], random), null],
        best: maybe(random.pick([...posts, ...pictures]), random),
        counts: maybe([[1, null], null, []], random),
      },
      mutation: {
        signIn({ id }: { id: string }) {
          const user = users.find((each) => each.id === id)
          if (user) user.login += '+'
          return user
        },
        publish({ text, tags }: { text?: string | null; tags?: readonly string[] | null }) {
          const post = posts[0]
          if (post) {
            post.text = `${post.text}${text}`
            post.tags = tags ? [...tags] : null
          }
          return post
        },
      },
    }
  },
}
