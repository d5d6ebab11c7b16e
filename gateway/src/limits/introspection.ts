import { BREAK, type DocumentNode, visit } from 'graphql'
import type { OperationLimits } from './operation-limits.ts'

const INTROSPECTION: ReadonlySet<string> = new Set(['__schema', '__type'])

/** Without aliases, what introspection answers is as large as the schema; with them it is a multiple of that. */
const MAX_ALIASES = 3

/** The limits of documents that ask for the schema. */
export function limitsOfIntrospection(limits: OperationLimits): OperationLimits {
  return { ...limits, aliases: Math.min(limits.aliases, MAX_ALIASES) }
}

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
