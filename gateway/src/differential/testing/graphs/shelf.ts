import { FEDERATION_2, many, maybe, someOf, type TestGraph } from './graph.ts'

const SHOP = `${FEDERATION_2}
  type Query { shelf: [Thing]  named: [Named!]  one: Thing  box: Box }
  union Thing = Page | Pen | Box
  interface Named { id: ID!  author: Author  peer: Thing }
  type Page implements Named @key(fields: "id") { id: ID!  author: Author  peer: Thing  by: [Author!]  number: Int }
  type Pen implements Named @key(fields: "id") { id: ID!  author: Author  peer: Thing  authors: [[Author]]  color: Color }
  type Box @key(fields: "id") { id: ID!  inside: [Thing!]  shade: Color }
  enum Color { RED BLUE HIDDEN @inaccessible }
  type Author @key(fields: "id") { id: ID!  name: String }
`
const PEOPLE = `${FEDERATION_2}
  type Query { latest: Author }
  type Author @key(fields: "id") { id: ID!  about: String  age: Int  best: Page }
  type Page @key(fields: "id") { id: ID!  stars: Int }
  type Pen @key(fields: "id") { id: ID!  points: Int! }
`
const REVIEWS = `${FEDERATION_2}
  type Box @key(fields: "id") { id: ID!  author: Author  owner: Author! }
  type Page @key(fields: "id") { id: ID!  reviewer: Author  twin: Thing }
  union Thing = Page | Pen | Box
  type Pen @key(fields: "id") { id: ID! }
  type Author @key(fields: "id") { id: ID!  rating: Float }
`

/** A shelf: one entity under the same key of several types of a union, known from several subgraphs. */
export const shelf: TestGraph = {
  name: 'shelf',
  subgraphs: { shop: SHOP, people: PEOPLE, reviews: REVIEWS },
  createData(random) {
    const authors = many(3, (number) => ({
      __typename: 'Author',
      id: `a${number}`,
      name: maybe(`"${number}" é`, random),
      about: maybe(`“${number}”`, random),
      age: maybe(number, random),
      rating: number * 1.25,
      best: null as unknown,
    }))
    const anyAuthor = () => maybe(random.pick(authors), random)
    const pages = many(4, (number) => ({
      __typename: 'Page',
      id: `p${number}`,
      author: anyAuthor(),
      by: maybe(someOf(authors, random), random),
      number,
      stars: maybe(number, random),
      reviewer: anyAuthor(),
      twin: null as unknown,
      peer: null as unknown,
    }))
    const pens = many(3, (number) => ({
      __typename: 'Pen',
      id: `n${number}`,
      author: anyAuthor(),
      authors: [someOf(authors, random), null],
      color: 'RED',
      points: number,
      peer: null as unknown,
    }))
    const boxes = many(3, (number) => ({
      __typename: 'Box',
      id: `b${number}`,
      author: anyAuthor(),
      owner: random.pick(authors),
      shade: maybe('BLUE', random),
      inside: null as unknown,
    }))
    const things = [...pages, ...pens, ...boxes]
    for (const author of authors) author.best = maybe(random.pick(pages), random)
    for (const page of pages) page.twin = maybe(random.pick(things), random)
    for (const each of [...pages, ...pens]) each.peer = maybe(random.pick(things), random)
    for (const box of boxes) box.inside = maybe(someOf(things, random), random)
    return {
      entities: [...things, ...authors],
      query: {
        shelf: [...someOf(things, random), null, ...someOf(things, random)],
        named: someOf([...pages, ...pens], random),
        one: maybe(random.pick(things), random),
        box: maybe(random.pick(boxes), random),
        latest: anyAuthor(),
      },
    }
  },
}
