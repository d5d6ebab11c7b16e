import {
  type FieldNode,
  type InlineFragmentNode,
  Kind,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/** A set of fields, such as a key, in one spelling: sorted, and without superfluous spaces. */
export function normalizeFieldSet(fields: string): string {
  return printSelections(parseFieldSet(fields))
}

/** The names of the fields themselves, without those that are selected within them. */
export function topFields(fields: string): readonly string[] {
  return parseFieldSet(fields).selections.flatMap((node) =>
    node.kind === Kind.FIELD ? [node.name.value] : [],
  )
}

function parseFieldSet(fields: string): SelectionSetNode {
  const text = fields.trim().startsWith('{') ? fields : `{${fields}}`
  const definition = parse(text, { noLocation: true }).definitions[0]
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`Not a set of fields: ${fields}`)
  return definition.selectionSet
}

function printSelections({ selections }: SelectionSetNode): string {
  return selections.map(printSelection).toSorted().join(' ')
}

function printSelection(node: SelectionNode): string {
  if (node.kind === Kind.FRAGMENT_SPREAD) return print(node)
  const inner = node.selectionSet === undefined ? '' : ` { ${printSelections(node.selectionSet)} }`
  return `${head(node)}${inner}`
}

function head(node: FieldNode | InlineFragmentNode): string {
  if (node.kind === Kind.INLINE_FRAGMENT) return `... on ${node.typeCondition?.name.value ?? ''}`
  const given = (node.arguments ?? []).map((argument) => print(argument)).toSorted()
  return given.length === 0 ? node.name.value : `${node.name.value}(${given.join(', ')})`
}
