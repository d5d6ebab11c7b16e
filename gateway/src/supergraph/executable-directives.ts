import {
  type ConstDirectiveNode,
  type ConstValueNode,
  DirectiveLocation,
  type DocumentNode,
  Kind,
  visit,
} from 'graphql'

const EXECUTABLE: ReadonlySet<string> = new Set([
  DirectiveLocation.QUERY,
  DirectiveLocation.MUTATION,
  DirectiveLocation.FIELD,
  DirectiveLocation.FRAGMENT_DEFINITION,
  DirectiveLocation.FRAGMENT_SPREAD,
  DirectiveLocation.INLINE_FRAGMENT,
  DirectiveLocation.VARIABLE_DEFINITION,
])

/**
 * A supergraph's document without the `@link`s that bring directives for operations, such as a field's. All that a
 * linked specification defines is taken out of the schema for clients, but these are for clients to use.
 */
export function withoutLinksOfExecutableDirectives(document: DocumentNode): DocumentNode {
  const executable = new Set(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.DIRECTIVE_DEFINITION &&
      definition.locations.some(({ value }) => EXECUTABLE.has(value))
        ? [`@${definition.name.value}`]
        : [],
    ),
  )
  function withoutLinks<Node extends { readonly directives?: readonly ConstDirectiveNode[] }>(
    schema: Node,
  ): Node {
    const directives = schema.directives?.filter(
      (directive) => !importsOf(directive).some((name) => executable.has(name)),
    )
    return { ...schema, ...(directives ? { directives } : {}) }
  }
  return visit(document, { SchemaDefinition: withoutLinks, SchemaExtension: withoutLinks })
}

/** The names that a `@link` imports, as they are written in the document. */
function importsOf({ name, arguments: args = [] }: ConstDirectiveNode): string[] {
  const imports = args.find((argument) => argument.name.value === 'import')?.value
  if (name.value !== 'link' || imports?.kind !== Kind.LIST) return []
  return imports.values.flatMap(importedName)
}

function importedName(value: ConstValueNode): string[] {
  if (value.kind === Kind.STRING) return [value.value]
  if (value.kind !== Kind.OBJECT) return []
  const fieldOf = (wanted: string) => value.fields.find(({ name }) => name.value === wanted)?.value
  const name = fieldOf('as') ?? fieldOf('name')
  return name?.kind === Kind.STRING ? [name.value] : []
}
