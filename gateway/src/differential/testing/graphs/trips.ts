import { FEDERATION_2, many, maybe, requiredField, someOf, type TestGraph } from './graph.ts'

const STOPS = `${FEDERATION_2}
  type Query { trips: [Trip]  trip(id: ID!): Trip  stops: [Stop!] }
  interface Stop { id: ID!  name: String }
  type Station implements Stop @key(fields: "id") { id: ID!  name: String  platforms: Int  distance(unit: Unit!): Float }
  type Harbour implements Stop @key(fields: "id") { id: ID!  name: String  depth: Int }
  enum Unit { KM MILE }
  type Trip @key(fields: "id") {
    id: ID!
    start: Stop
    legs: [Leg]
    matrix: [[Stop]]
    length(unit: Unit = KM, round: Boolean): Float
  }
  type Leg @shareable { minutes: Int  to: Stop  cost: Cost }
  type Cost @shareable { cents: Int! }
`

const FARES = `${FEDERATION_2}
  interface Stop { id: ID! }
  type Station implements Stop @key(fields: "id") { id: ID!  platforms: Int @external  fee: Int @requires(fields: "platforms") }
  type Harbour implements Stop @key(fields: "id") { id: ID!  depth: Int @external  dues: Int @requires(fields: "depth") }
  type Trip @key(fields: "id") {
    id: ID!
    length(unit: Unit = KM, round: Boolean): Float @external
    start: Stop @external
    legs: [Leg] @external
    fare(class: Int = 2): Int @requires(fields: "length(unit: MILE, round: true) legs { minutes cost { cents } }")
    startName: String @requires(fields: "start { id ... on Station { platforms } ... on Harbour { depth } }")
    rank: Int
  }
  type Leg @shareable { minutes: Int  to: Stop  cost: Cost }
  type Cost @shareable { cents: Int! }
  enum Unit { KM MILE }
`

const OFFERS = `${FEDERATION_2}
  type Query { offers: [Offer!] }
  type Trip @key(fields: "id") {
    id: ID!
    fare(class: Int = 2): Int @external
    rank: Int @external
    bargain: Boolean @requires(fields: "fare(class: 1) rank")
    offers: [Offer!]!
  }
  type Offer { percent: Int!  trip: Trip  fee: Station  alternatives: [Trip!] }
  type Station @key(fields: "id") { id: ID!  fee: Int @external  priority: String @requires(fields: "fee") }
`

type Arguments = {
  readonly unit?: string | null
  readonly round?: boolean | null
  readonly class?: number | null
}

/** Trips: `@requires` with arguments, of nested lists, through interfaces, and of fields that require others. */
export const trips: TestGraph = {
  name: 'trips',
  subgraphs: { stops: STOPS, fares: FARES, offers: OFFERS },
  createData(random) {
    const stations = many(4, (number) => ({
      __typename: 'Station',
      id: `s${number}`,
      name: maybe(`Station ${number}`, random),
      platforms: maybe(number, random),
      distance: ({ unit }: Arguments) => (unit === 'KM' ? number : number / 2),
      fee() {
        return this.platforms === null ? null : this.platforms * 10
      },
      priority() {
        return `P${requiredField(this, 'fee')}`
      },
    }))
    const harbours = many(3, (number) => ({
      __typename: 'Harbour',
      id: `h${number}`,
      name: maybe(`Harbour ${number}`, random),
      depth: maybe(number, random),
      dues() {
        return this.depth === null ? 0 : this.depth * 100
      },
    }))
    const stops = [...stations, ...harbours]
    const all = many(5, (number) => ({
      __typename: 'Trip',
      id: `t${number}`,
      start: maybe(random.pick(stops), random) as null | {
        id: string
        platforms?: number | null
        depth?: number | null
      },
      legs: maybe(
        many(random.below(4), (index) =>
          maybe(
            {
              minutes: maybe(index * 5, random),
              to: maybe(random.pick(stops), random),
              cost: maybe({ cents: index }, random),
            },
            random,
          ),
        ),
        random,
      ),
      matrix: maybe([someOf(stops, random), [null, ...someOf(stops, random)], null], random),
      length: ({ unit, round }: Arguments) => {
        const value = unit === 'MILE' ? number * 1.5 : number * 2.25
        return number === 4 ? null : round ? Math.round(value) : value
      },
      fare(args: Arguments): number {
        const length = requiredField(this, 'length', { unit: 'MILE', round: true })
        const minutes = (this.legs ?? []).map((leg) => (leg?.minutes ?? 0) + (leg?.cost?.cents ?? 50))
        return minutes.reduce((sum, each) => sum + each, Number(length)) * (args.class ?? 0)
      },
      startName() {
        if (!this.start) return null
        return `${this.start.id}/${this.start.platforms ?? this.start.depth ?? '-'}`
      },
      rank: maybe(number, random),
      bargain() {
        return Number(requiredField(this, 'fare', { class: 1 })) > (this.rank ?? 20)
      },
      offers: [] as unknown[],
    }))
    for (const trip of all) {
      trip.offers = many(random.below(3), (number) => ({
        percent: number,
        trip: maybe(random.pick(all), random),
        fee: maybe(random.pick(stations), random),
        alternatives: maybe(someOf(all, random), random),
      }))
    }
    return {
      entities: [...stops, ...all],
      query: {
        trips: [...someOf(all, random), null],
        trip: ({ id }: { id: string }) => all.find((trip) => trip.id === id),
        stops: maybe(someOf(stops, random), random),
        offers: maybe(
          all.flatMap(({ offers }) => offers),
          random,
        ),
      },
    }
  },
}
