import { FEDERATION_2, many, maybe, someOf, type TestGraph } from './graph.ts'

const CONTENT = `${FEDERATION_2}
  type Query { media: [Media]  medium(id: ID!): Media  books: [Book!]! }
  interface Media @key(fields: "id") { id: ID!  title: String  sequels: [Media!] }
  interface Paged { pages: Int }
  type Book implements Media & Paged @key(fields: "id") {
    id: ID!
    title: String
    sequels: [Media!]
    pages: Int
    author: Person
  }
  type Film implements Media @key(fields: "id") { id: ID!  title: String  sequels: [Media!]  minutes: Int!  cast: [Person!] }
  type Album implements Media & Paged @key(fields: "id") { id: ID!  title: String  sequels: [Media!]  pages: Int }
  type Person @key(fields: "id", resolvable: false) { id: ID! }
`

const RATINGS = `${FEDERATION_2}
  type Query { topRated(first: Int): [Media!] }
  type Media @interfaceObject @key(fields: "id") {
    id: ID!
    title: String @external
    rating: Int
    headline: String @requires(fields: "title")
    comments: [Comment!]
  }
  type Comment { text: String  about: Media  by: Person }
  type Person @key(fields: "id") { id: ID!  comments: [Comment] }
`

const PEOPLE = `${FEDERATION_2}
  type Query { people: [Person!]  star: Person }
  type Person @key(fields: "id") { id: ID!  name: String!  liked: [Media]  nickname: String }
  type Media @interfaceObject @key(fields: "id") { id: ID!  fans(first: Int): [Person] }
`

/** Media of several kinds behind one interface, which two subgraphs extend with `@interfaceObject`. */
export const media: TestGraph = {
  name: 'media',
  subgraphs: { content: CONTENT, ratings: RATINGS, people: PEOPLE },
  createData(random) {
    const kinds = ['Book', 'Film', 'Album'] as const
    const all = many(7, (number) => ({
      __typename: kinds[number % 3] ?? 'Book',
      id: `m${number}`,
      title: maybe(`Title ${number}`, random),
      sequels: [] as unknown,
      pages: maybe(number * 10, random),
      minutes: number,
      author: null as unknown,
      cast: null as unknown,
      rating: maybe(number % 5, random),
      headline() {
        return this.title === null ? 'untitled' : `${this.title}!`
      },
      comments: null as unknown,
      fans: ({ first }: { first?: number | null }) => fansOf[number]?.slice(0, first ?? undefined),
    }))
    const people = many(4, (number) => ({
      __typename: 'Person',
      id: `person${number}`,
      name: `Person ${number}`,
      nickname: maybe(`P${number}`, random),
      liked: maybe([...someOf(all, random), null], random),
      comments: [] as unknown,
    }))
    const comments = many(6, (number) => ({
      __typename: 'Comment',
      text: maybe(`Comment ${number}`, random),
      about: maybe(random.pick(all), random),
      by: maybe(random.pick(people), random),
    }))
    const fansOf = [null, ...all.map(() => maybe([...someOf(people, random), null], random))]
    for (const medium of all) {
      medium.sequels = maybe(someOf(all, random), random)
      medium.author = maybe(random.pick(people), random)
      medium.cast = maybe(someOf(people, random), random)
      medium.comments = maybe(someOf(comments, random), random)
    }
    for (const person of people) person.comments = maybe([...someOf(comments, random), null], random)
    return {
      entities: [...all, ...people],
      query: {
        media: [...someOf(all, random), null],
        medium: ({ id }: { id: string }) => all.find((medium) => medium.id === id),
        books: all.filter(({ __typename }) => __typename === 'Book'),
        topRated: ({ first }: { first?: number | null }) => all.slice(0, first ?? undefined),
        people,
        star: maybe(random.pick(people), random),
      },
    }
  },
}
