import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql'

/**
 * What a subgraph with this data answers: the fields that the query selects, under the keys that it gives them. `data`
 * has the fields by name. A field that it lacks is left out, so that wrong answers can be made too.
 */
export function answerQuery(query: string, data: unknown): unknown {
  const document = parse(query)
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  )
  return operation ? select(data, operation.selectionSet, document) : undefined
}

function select(value: unknown, set: SelectionSetNode, document: DocumentNode): unknown {
  if (Array.isArray(value)) return value.map((element) => select(element, set, document))
  if (typeof value !== 'object' || value === null) return value
  const source = value as Record<string, unknown>
  const answer: Record<string, unknown> = {}
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      const name = selection.name.value
      if (!Object.hasOwn(source, name)) continue
      const { selectionSet } = selection
      const field = selectionSet ? select(source[name], selectionSet, document) : source[name]
      answer[selection.alias?.value ?? name] = field
      continue
    }
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? fragmentOf(document, selection.name.value) : selection
    const condition = fragment?.typeCondition?.name.value
    const applies = condition === undefined || [undefined, condition].includes(source.__typename as string)
    if (fragment && applies) Object.assign(answer, select(value, fragment.selectionSet, document))
  }
  return answer
}

function fragmentOf(document: DocumentNode, name: string): FragmentDefinitionNode | undefined {
  return document.definitions.find(
    (definition): definition is FragmentDefinitionNode =>
      definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name,
  )
}
