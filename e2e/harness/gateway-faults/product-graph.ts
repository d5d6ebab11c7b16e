import { answerQuery } from '@bulkhead/gateway/testing/answer-query'
import { composeSample } from '@bulkhead/gateway/testing/compose-sample'
import type { Call } from './faulty-subgraph.ts'

const PER_ANSWER = 3

type Product = { readonly id: string; readonly name: string; readonly stock: number }

/** Products from one subgraph, how many there are of each from another. */
export function productSupergraph(urls: { readonly catalog: string; readonly stock: string }): string {
  const subgraphs = {
    catalog: `
      type Query { products(from: Int!): [Product!] }
      type Product @key(fields: "id") { id: ID! name: String! }
    `,
    stock: `
      type Query { sold(from: Int!): Int }
      type Product @key(fields: "id") { id: ID! stock: Int }
    `,
  }
  return composeSample(subgraphs, (name) => urls[name as keyof typeof subgraphs])
}

/** The products that the catalog has from this id on. */
export function productsFrom(from: number): readonly Product[] {
  return Array.from({ length: PER_ANSWER }, (_, index) => {
    const id = from + index
    return { id: String(id), name: `product ${id}`, stock: stockOf(id) }
  })
}

function stockOf(id: number): number {
  return id * 2
}

export function answerCatalog({ query, variables, response }: Call): void {
  const products = productsFrom(Number(variables.from)).map(({ id, name }) => ({
    __typename: 'Product',
    id,
    name,
  }))
  response.end(JSON.stringify({ data: answerQuery(query, { products }) }))
}

/** Answers for every product that is asked for. @param wrong what is answered instead, by index */
export function answerStock(
  { query, variables, response }: Call,
  wrong: Readonly<Record<number, unknown>> = {},
  errors?: readonly object[],
): void {
  const representations = variables.representations as readonly { readonly id: string }[]
  const entities = representations.map(({ id }, index) => ({
    __typename: 'Product',
    stock: index in wrong ? wrong[index] : stockOf(Number(id)),
  }))
  const data = answerQuery(query, { _entities: entities })
  response.end(JSON.stringify({ data, ...(errors ? { errors } : {}) }))
}
