import { FEDERATION_2, many, maybe, someOf, type TestGraph } from './graph.ts'

const SHOPS = `${FEDERATION_2}
  type Query { shops: [Shop!]!  shop(id: ID!): Shop }
  type Shop @key(fields: "id") @context(name: "shop") {
    id: ID!
    currency: String @shareable
    owner: Owner
    sales: [Sale]
    best: Sale
  }
  type Owner { locale: String  city: String }
  type Sale @key(fields: "id") {
    id: ID!
    title: String @shareable
    price(digits: Int, currency: String @fromContext(field: "$shop { currency }")): String
    label(locale: String @fromContext(field: "$shop { owner { locale } }")): String!
  }
`

const STATISTICS = `${FEDERATION_2}
  type Query { openShops: [Shop!] }
  type Shop @key(fields: "id") { id: ID!  currency: String @shareable  visitors: Int  open: Boolean! }
  type Sale @key(fields: "id") { id: ID!  views: Int  title: String @shareable }
`

type Arguments = { readonly digits?: number | null; readonly currency?: string; readonly locale?: string }
type Execution = { readonly merged: boolean }

/** Fields that take arguments from an object above them, with `@context` and `@fromContext`. */
export const context: TestGraph = {
  name: 'context',
  subgraphs: { shops: SHOPS, statistics: STATISTICS },
  createData(random) {
    const shops = many(3, (number) => ({
      __typename: 'Shop',
      id: `shop${number}`,
      currency: maybe(random.pick(['EUR', 'USD']), random),
      owner: maybe({ locale: maybe(`l${number}`, random), city: `City ${number}` }, random),
      sales: [] as unknown,
      best: null as unknown,
      visitors: maybe(number * 11, random),
      open: random.chance(0.5),
    }))
    const sales = many(7, (number) => {
      const shop = random.pick(shops)
      return {
        __typename: 'Sale',
        id: `sale${number}`,
        title: maybe(`Sale ${number}`, random),
        // One execution over the merged schema gives no argument: there the shop is known from the data.
        price({ digits, currency }: Arguments, { merged }: Execution) {
          return `${number.toFixed(digits ?? 2)} ${merged ? shop.currency : currency}`
        },
        label({ locale }: Arguments, { merged }: Execution) {
          return `${number} in ${(merged ? shop.owner?.locale : locale) ?? null}`
        },
        views: maybe(number, random),
        shop,
      }
    })
    for (const shop of shops) {
      const own = sales.filter((sale) => sale.shop === shop)
      shop.sales = maybe([...someOf(own, random), null], random)
      shop.best = maybe(own[0] ?? null, random)
    }
    return {
      entities: [...shops, ...sales],
      query: {
        shops,
        shop: ({ id }: { id: string }) => shops.find((shop) => shop.id === id),
        openShops: maybe(
          shops.filter(({ open }) => open),
          random,
        ),
      },
    }
  },
}
