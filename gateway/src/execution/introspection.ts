import {
  type DocumentNode,
  executeSync,
  type FieldNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import type { JsonObject } from './response/own.ts'

const INTROSPECTION: ReadonlySet<string> = new Set(['__schema', '__type'])

/** Answers an operation's introspection fields from the schema that clients see. */
export type Introspect = (variables: Readonly<Record<string, unknown>>) => JsonObject

/** Null for an operation without introspection. `fields` are those of its root, fragments expanded. */
export function compileIntrospection(
  fields: readonly FieldNode[],
  operation: OperationDefinitionNode,
  document: DocumentNode,
  schema: GraphQLSchema,
): Introspect | null {
  const selections = fields.filter(({ name }) => INTROSPECTION.has(name.value))
  if (selections.length === 0) return null
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)
  const introspection: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [{ ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } }, ...fragments],
  }
  return (variables) => {
    const { data, errors } = executeSync({ schema, document: introspection, variableValues: variables })
    if (errors?.[0]) throw errors[0]
    return data as JsonObject
  }
}
