import type { FetchAnswer, SubgraphFetch } from '../subgraphs/fetch-subgraph.ts'
import { buildSupergraph, type Supergraph } from '../supergraph/supergraph.ts'
import { answerQuery } from './answer-query.ts'
import { composeSample } from './compose-sample.ts'

/** Pages from one subgraph, their notes from another: the smallest graph in which a fetch follows another. */
const SAMPLE_SUPERGRAPH = composeSample({
  pages: `
    type Query { page(id: ID = "1"): Page pages: [Page!] must: String! seen: Page @tag(name: "effect") }
    type Mutation { open(id: ID!): Page }
    type Page @key(fields: "id") { id: ID! title: String! parent: Page kind: Kind }
    enum Kind { LONG SHORT }
  `,
  notes: `
    type Query { notes: [String!] }
    type Mutation { note(text: String!): Page }
    type Page @key(fields: "id") { id: ID! notes: [String!] best: String! }
  `,
})

export function sampleGraph(): Supergraph {
  return buildSupergraph(SAMPLE_SUPERGRAPH)
}

export type SentFetch = Parameters<SubgraphFetch>[0] & {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  /** The ids of the pages that an entity fetch asks for. */
  readonly ids: readonly string[]
}

/** A fetch that answers with what is selected of the data, by field names, of `respond`, and keeps what was sent. */
export function fakeFetch(
  respond: (sent: SentFetch) => Partial<FetchAnswer> | Promise<Partial<FetchAnswer>>,
): {
  readonly fetch: SubgraphFetch
  readonly sent: SentFetch[]
} {
  const sent: SentFetch[] = []
  return {
    sent,
    async fetch(request) {
      const { query, variables } = JSON.parse(request.body)
      const representations = variables.representations ?? []
      const one = { ...request, query, variables, ids: representations.map(({ id }: { id: string }) => id) }
      sent.push(one)
      const { data = null, errors = [], failure = null } = await respond(one)
      return { data: answerQuery(query, data) as FetchAnswer['data'], errors, failure }
    },
  }
}

/** Notes for each page that an entity fetch asks for. */
export function notesOf(ids: readonly string[]): Partial<FetchAnswer> {
  return { data: { _entities: ids.map((id) => ({ notes: [`about ${id}`], best: `best of ${id}` })) } }
}
