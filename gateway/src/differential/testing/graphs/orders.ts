import { FEDERATION_2, many, maybe, someOf, type TestGraph } from './graph.ts'

const ACCOUNTS = `${FEDERATION_2}
  type Query { accounts: [Account!]!  account(where: AccountFilter): Account }
  input AccountFilter { id: ID  tier: Tier = GOLD  tags: [String!] }
  enum Tier { GOLD SILVER }
  type Account @key(fields: "id organization { id }") {
    id: ID!
    organization: Organization!
    tier: Tier
    holder: String!
  }
  type Organization @key(fields: "id") @key(fields: "slug") { id: ID!  slug: String!  name: String @shareable }
  type Mutation { rename(id: ID!, holder: String = "anonymous"): Account }
`

const SALES = `${FEDERATION_2}
  type Query { orders(status: Status): [Order]  openOrder: Order }
  enum Status { OPEN PAID SHIPPED }
  type Order @key(fields: "number") {
    number: Int!
    status: Status!
    account: Account
    lines: [Line!]!
    total: Int
    notes: [[String]]
    organization: Organization
  }
  type Line { quantity: Int!  price: Int  order: Order }
  type Account @key(fields: "id organization { id }") {
    id: ID!
    organization: Organization!
    orders(first: Int): [Order!]
  }
  type Organization @key(fields: "id") { id: ID! }
  type Mutation { pay(number: Int!): Order  addLine(number: Int!, line: LineInput!): Order! }
  input LineInput { quantity: Int! = 1  price: Int }
`

const SHIPPING = `${FEDERATION_2}
  type Query { parcels: [Parcel!] }
  type Order @key(fields: "number") {
    number: Int!
    total: Int @external
    organization: Organization @external
    parcels: [Parcel]
    insurance: Int! @requires(fields: "total organization { name }")
  }
  type Organization @key(fields: "slug") {
    slug: String!
    name: String @shareable
    depots: [String!]
    parcels: [Parcel!]
  }
  type Parcel @key(fields: "code") { code: ID!  order: Order!  weight: Float  parts: [Parcel] }
`

/** Orders: compound and nested keys, several keys of one type, inputs, enums, lists of lists, mutations. */
export const orders: TestGraph = {
  name: 'orders',
  subgraphs: { accounts: ACCOUNTS, sales: SALES, shipping: SHIPPING },
  createData(random) {
    const organizations = many(2, (number) => ({
      __typename: 'Organization',
      id: `o${number}`,
      slug: `org-${number}`,
      name: maybe(`Organization ${number}`, random),
      depots: maybe([`D${number}`], random),
      parcels: null as unknown,
    }))
    const accounts = many(4, (number) => ({
      __typename: 'Account',
      id: `a${number % 2}`,
      organization: organizations[number > 2 ? 1 : 0],
      tier: maybe(random.pick(['GOLD', 'SILVER']), random),
      holder: `Holder ${number}`,
      orders: ({ first }: { first?: number | null }) => ordersOf[number]?.slice(0, first ?? undefined),
    }))
    const all = many(6, (number) => ({
      __typename: 'Order',
      number,
      status: random.pick(['OPEN', 'PAID', 'SHIPPED']),
      account: maybe(random.pick(accounts), random),
      lines: [] as unknown[],
      total: maybe(number * 7, random),
      notes: maybe([['a', null], null, []], random),
      organization: maybe(random.pick(organizations), random),
      parcels: null as unknown,
      insurance() {
        return (this.total ?? 1000) + (this.organization?.name ? 1 : 2)
      },
    }))
    const parcels = many(5, (number) => ({
      __typename: 'Parcel',
      code: `c${number}`,
      order: random.pick(all),
      weight: maybe(number + 0.5, random),
      parts: null as unknown,
    }))
    for (const order of all) {
      order.lines = many(random.below(4), (number) => ({
        __typename: 'Line',
        quantity: number,
        price: maybe(number, random),
        order: maybe(order, random),
      }))
      order.parcels = maybe([...someOf(parcels, random), null], random)
    }
    for (const parcel of parcels) parcel.parts = maybe([...someOf(parcels, random), null], random)
    for (const organization of organizations) organization.parcels = maybe(someOf(parcels, random), random)
    const ordersOf = [null, ...accounts.map(() => maybe(someOf(all, random), random))]
    const orderOf = (number: number) => all.find((order) => order.number === number)
    return {
      entities: [...organizations, ...accounts, ...all, ...parcels],
      query: {
        accounts,
        account: ({ where }: { where?: { id?: string | null; tier?: string | null } | null }) =>
          accounts.find(
            (account) => account.id === (where?.id ?? 'a1') && account.tier === (where?.tier ?? null),
          ),
        orders: ({ status }: { status?: string | null }) => [
          ...all.filter((order) => !status || order.status === status),
          null,
        ],
        openOrder: all.find(({ status }) => status === 'OPEN'),
        parcels: maybe(parcels, random),
      },
      mutation: {
        rename({ id, holder }: { id: string; holder?: string | null }) {
          const account = accounts.find((each) => each.id === id)
          if (account && holder) account.holder = holder
          return account
        },
        pay({ number }: { number: number }) {
          const order = orderOf(number)
          if (order) order.status = order.status === 'OPEN' ? 'PAID' : 'SHIPPED'
          return order
        },
        addLine({ number, line }: { number: number; line: { quantity: number; price?: number | null } }) {
          const order = orderOf(number) ?? all[0]
          order?.lines.push({ __typename: 'Line', quantity: line.quantity, price: line.price ?? null, order })
          return order
        },
      },
    }
  },
}
