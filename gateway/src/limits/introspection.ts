import type { ServiceError } from '@bulkhead/service/errors'
import { BREAK, type DocumentNode, type FieldNode, visit } from 'graphql'
import { GATEWAY_ERRORS } from '../errors.ts'
import { limitError } from './limit-error.ts'

const INTROSPECTION: ReadonlySet<string> = new Set(['__schema', '__type'])
/** The names of types that describe a schema begin so. */
const META_TYPE = '__'
/** Without aliases, what introspection answers is as large as the schema; with them it is a multiple of that. */
const MAX_ALIASES = 3

/** Whether an operation or a fragment of the document asks for the schema. */
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

/** The error for a document that asks for parts of the schema under many names. */
export function refuseLargeIntrospection(document: DocumentNode): ServiceError | undefined {
  let measured = 0
  const countAliases = {
    Field({ alias }: FieldNode) {
      if (alias) measured += 1
    },
  }
  visit(document, {
    Field(field) {
      if (!INTROSPECTION.has(field.name.value)) return undefined
      visit(field, countAliases)
      return false
    },
    FragmentDefinition(fragment) {
      if (!fragment.typeCondition.name.value.startsWith(META_TYPE)) return undefined
      visit(fragment, countAliases)
      return false
    },
  })
  if (measured <= MAX_ALIASES) return undefined
  const limit = { name: 'introspectionAliases', max: MAX_ALIASES, measured }
  return limitError(GATEWAY_ERRORS.ALIAS_LIMIT_EXCEEDED, 'Number of aliases in introspection', limit)
}
