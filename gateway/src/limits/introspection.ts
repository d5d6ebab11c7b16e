import { BREAK, type DocumentNode, visit } from 'graphql'

const INTROSPECTION: ReadonlySet<string> = new Set(['__schema', '__type'])

/** Whether any of the document's operations or fragments does. */
export function asksForSchema(document: DocumentNode): boolean {
  let asks = false
  visit(document, {
    Field({ name }) {
      asks = INTROSPECTION.has(name.value)
      return asks ? BREAK : undefined
    },
  })
  return asks
}
