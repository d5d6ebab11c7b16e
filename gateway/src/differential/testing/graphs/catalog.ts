import { FEDERATION_2, many, maybe, someOf, type TestGraph } from './graph.ts'

const VALUE_TYPES = `
  type Money @shareable { amount: Int!  currency: Currency }
  enum Currency { EUR USD }
  type Dimensions @shareable { width: Int  height: Int!  box: Box }
  type Box @shareable { depth: Int }
`

const PRODUCTS = `${FEDERATION_2}
  type Query {
    products(first: Int = 4): [Product!]!
    product(id: ID!): Product
    search(text: String, kinds: [Kind!] = [PRODUCT, BRAND, PAGE]): [SearchResult]
    item: Item
  }
  enum Kind { PRODUCT BRAND PAGE }
  scalar Attributes
  interface Item { id: ID!  title: String }
  union SearchResult = Product | Brand | Page
  type Product implements Item @key(fields: "id") @key(fields: "sku brandCode") {
    id: ID!
    sku: String!
    brandCode: String!
    title: String
    attributes: Attributes
    price: Money
    dimensions: Dimensions
    brand: Brand
    related(first: Int): [Product]
    margin: Int @inaccessible
    stock: Int
  }
  type Brand implements Item @key(fields: "id") { id: ID!  title: String  products: [Product!] }
  type Page { url: String!  title: String! }
  ${VALUE_TYPES}
`

const INVENTORY = `${FEDERATION_2}
  type Query { warehouses: [Warehouse] }
  type Product @key(fields: "sku brandCode") {
    sku: String!
    brandCode: String!
    stock: Int @override(from: "products")
    price: Money @external
    dimensions: Dimensions @external
    margin: Int @external
    shipping: Money @requires(fields: "price { amount currency } dimensions { height box { depth } }")
    discount: Int @requires(fields: "margin")
    shelves: [[Warehouse!]]
  }
  type Warehouse @key(fields: "code") { code: ID!  city: String  products: [Product!]! }
  ${VALUE_TYPES}
`

const REVIEWS = `${FEDERATION_2}
  type Query { latestReviews: [Review!] }
  type Product @key(fields: "id") { id: ID!  reviews(first: Int): [Review!]  score: Float }
  type Review @key(fields: "id") {
    id: ID!
    body: String
    author: User @provides(fields: "name")
    reader: User
    product: Product!
    votes: [Int!]
  }
  type User @key(fields: "id") { id: ID!  name: String @external  reviews: [Review] }
`

const USERS = `${FEDERATION_2}
  type Query { users: [User]  me: User! }
  type User @key(fields: "id") { id: ID!  name: String @shareable  email: String  friends: [User!]  favorite: Product }
  type Product @key(fields: "id", resolvable: false) { id: ID! }
`

/** A shop: value types, interfaces and unions, `@requires`, `@provides`, `@override`, `@inaccessible`. */
export const catalog: TestGraph = {
  name: 'catalog',
  subgraphs: { products: PRODUCTS, inventory: INVENTORY, reviews: REVIEWS, users: USERS },
  createData(random) {
    const money = () => ({ amount: random.below(100), currency: maybe(random.pick(['EUR', 'USD']), random) })
    const dimensions = () => ({
      width: maybe(random.below(9), random),
      height: random.below(9),
      box: maybe({ depth: maybe(random.below(9), random) }, random),
    })
    const warehouses = many(3, (number) => ({
      __typename: 'Warehouse',
      code: `w${number}`,
      city: maybe(`City ${number}`, random),
      products: [] as unknown[],
    }))
    const products = many(6, (number) => ({
      __typename: 'Product',
      id: `p${number}`,
      sku: `sku${number}`,
      brandCode: `b${number % 3}`,
      title: maybe(`Product ${number}`, random),
      attributes: maybe({ color: 'red', sizes: [number, null] }, random),
      price: maybe(money(), random),
      dimensions: maybe(dimensions(), random),
      brand: null as unknown,
      related: ({ first }: { first?: number | null }) => related[number]?.slice(0, first ?? undefined),
      margin: maybe(number * 2, random),
      stock: maybe(number, random),
      shipping() {
        if (!this.price) return null
        const size = (this.dimensions?.height ?? 0) + (this.dimensions?.box?.depth ?? 100)
        return { amount: this.price.amount + size, currency: this.price.currency }
      },
      discount() {
        return this.margin === null ? null : this.margin + 1
      },
      shelves: maybe([someOf(warehouses, random), null, someOf(warehouses, random)], random),
      reviews: ({ first }: { first?: number | null }) => reviewsOf[number]?.slice(0, first ?? undefined),
      score: maybe(number / 2, random),
    }))
    const brands = many(3, (number) => ({
      __typename: 'Brand',
      id: `brand${number}`,
      title: maybe(`Brand ${number}`, random),
      products: maybe(someOf(products, random), random),
    }))
    const users = many(4, (number) => ({
      __typename: 'User',
      id: `u${number}`,
      name: maybe(`User ${number}`, random),
      email: maybe(`user${number}@example.com`, random),
      friends: [] as unknown,
      favorite: maybe(random.pick(products), random),
      reviews: [] as unknown,
    }))
    const reviews = many(8, (number) => ({
      __typename: 'Review',
      id: `r${number}`,
      body: maybe(`Review ${number}`, random),
      author: maybe(random.pick(users), random),
      reader: maybe(random.pick(users), random),
      product: random.pick(products),
      votes: maybe([number, 0], random),
    }))
    const related = products.map(() => maybe([...someOf(products, random), null], random))
    related.push(null)
    const reviewsOf = products.map(() => maybe(someOf(reviews, random), random))
    reviewsOf.push(null)
    for (const product of products) product.brand = maybe(random.pick(brands), random)
    for (const warehouse of warehouses) warehouse.products = someOf(products, random)
    for (const user of users) {
      user.friends = maybe(someOf(users, random), random)
      user.reviews = maybe([...someOf(reviews, random), null], random)
    }
    const found = [
      ...someOf(products, random),
      null,
      ...someOf(brands, random),
      { __typename: 'Page', url: '/', title: 'Start' },
    ]
    const kinds: Readonly<Record<string, string>> = { Product: 'PRODUCT', Brand: 'BRAND', Page: 'PAGE' }
    return {
      entities: [...products, ...warehouses, ...brands, ...users, ...reviews],
      query: {
        products: ({ first }: { first?: number | null }) => products.slice(0, first ?? undefined),
        product: ({ id }: { id: string }) => products.find((product) => product.id === id),
        search: ({ kinds: wanted }: { kinds?: readonly string[] | null }) =>
          found.filter((each) => each === null || (wanted ?? []).includes(kinds[each.__typename] ?? '')),
        item: maybe(random.pick([...products, ...brands]), random),
        warehouses,
        latestReviews: maybe(someOf(reviews, random), random),
        users: [...someOf(users, random), null],
        me: random.pick(users),
      },
    }
  },
}
