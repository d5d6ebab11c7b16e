import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  KnownTypeNamesRule,
  specifiedRules,
  validate,
  visit,
} from 'graphql'

/** This rule lists all types of the schema for each document that it validates. */
const WITHOUT_KNOWN_TYPES = specifiedRules.filter((rule) => rule !== KnownTypeNamesRule)

/**
 * What is wrong with an operation.
 * @param isNormalized for a recorded document: its literals are empty, so what they lack is no error
 */
export function validateOperation(
  document: DocumentNode,
  schema: GraphQLSchema,
  isNormalized: boolean,
): readonly GraphQLError[] {
  const rules = namesUnknownType(document, schema) ? specifiedRules : WITHOUT_KNOWN_TYPES
  // graphql-js looks at no field below a root type that is missing, and so finds nothing wrong.
  const errors = [...rootErrors(document, schema), ...validate(schema, document, rules)]
  return isNormalized ? errors.filter((error) => !isAboutEmptyObject(error)) : errors
}

function rootErrors(document: DocumentNode, schema: GraphQLSchema): readonly GraphQLError[] {
  return document.definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION && !schema.getRootType(node.operation)
      ? [new GraphQLError(`The graph has no ${node.operation} type.`, { nodes: node })]
      : [],
  )
}

function namesUnknownType(document: DocumentNode, schema: GraphQLSchema): boolean {
  let found = false
  visit(document, {
    NamedType(node) {
      found ||= schema.getType(node.name.value) === undefined
    },
  })
  return found
}

function isAboutEmptyObject({ nodes }: GraphQLError): boolean {
  const [node] = nodes ?? []
  return node?.kind === Kind.OBJECT && node.fields.length === 0
}
