import {
  type ASTNode,
  type DefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  Kind,
  parse,
  print,
  stripIgnoredCharacters,
  visit,
} from 'graphql'

/** A change of SDL that means nothing. */
export type Rewrite = { readonly name: string; readonly rewrite: (sdl: string) => string }

type Permute = <Item>(items: readonly Item[]) => readonly Item[]

/** Everything in a schema whose order means nothing, by the property of the node that lists it. */
const UNORDERED: Readonly<Record<string, (node: ASTNode, permute: Permute) => ASTNode>> = {
  'the definitions': (node, permute) =>
    node.kind === Kind.DOCUMENT ? { ...node, definitions: permute(node.definitions) } : node,
  'the fields of types': (node, permute) =>
    'fields' in node && node.fields !== undefined && node.kind !== Kind.OBJECT
      ? ({ ...node, fields: permute<ASTNode>(node.fields) } as ASTNode)
      : node,
  'the fields of values': (node, permute) =>
    node.kind === Kind.OBJECT ? { ...node, fields: permute(node.fields) } : node,
  'the arguments of fields': (node, permute) =>
    node.kind === Kind.FIELD_DEFINITION ? { ...node, arguments: permute(node.arguments ?? []) } : node,
  'the arguments of directives': (node, permute) =>
    node.kind === Kind.DIRECTIVE_DEFINITION || node.kind === Kind.DIRECTIVE
      ? ({ ...node, arguments: permute<ASTNode>(node.arguments ?? []) } as ASTNode)
      : node,
  'the places of directives': (node, permute) =>
    node.kind === Kind.DIRECTIVE_DEFINITION ? { ...node, locations: permute(node.locations) } : node,
  'the directives of elements': (node, permute) =>
    'directives' in node && node.directives !== undefined
      ? ({
          ...node,
          directives: permute<DirectiveNode>(node.directives as readonly DirectiveNode[]),
        } as ASTNode)
      : node,
  'the values of enums': (node, permute) =>
    node.kind === Kind.ENUM_TYPE_DEFINITION ? { ...node, values: permute(node.values ?? []) } : node,
  'the members of unions': (node, permute) =>
    node.kind === Kind.UNION_TYPE_DEFINITION ? { ...node, types: permute(node.types ?? []) } : node,
  'the interfaces of types': (node, permute) =>
    node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION
      ? { ...node, interfaces: permute(node.interfaces ?? []) }
      : node,
  'scopes, sizes and imports': (node, permute) =>
    node.kind === Kind.DIRECTIVE && ['requiresScopes', 'policy', 'listSize', 'link'].includes(node.name.value)
      ? visit(node, { ListValue: { leave: (list) => ({ ...list, values: permute(list.values) }) } })
      : node,
}

export function reorder(what: string, permute: Permute): (sdl: string) => string {
  const change = UNORDERED[what]
  return onNodes((node) => change?.(node, permute) ?? node)
}

export const UNORDERED_NAMES: readonly string[] = Object.keys(UNORDERED)

const reversed: Permute = (items) => items.toReversed()
const rotated: Permute = (items) => [...items.slice(1), ...items.slice(0, 1)]

/** Applies a change to every node, the inner ones first. */
function onNodes(change: (node: ASTNode) => ASTNode): (sdl: string) => string {
  return (sdl) => print(visit(parse(sdl), { leave: (node) => change(node) }))
}

function onDocument(change: (document: DocumentNode) => readonly DefinitionNode[]): (sdl: string) => string {
  return (sdl) => print({ kind: Kind.DOCUMENT, definitions: change(parse(sdl)) })
}

function describe(text: string, block: boolean): (sdl: string) => string {
  return onNodes((node) =>
    DESCRIBED.has(node.kind)
      ? ({ ...node, description: { kind: Kind.STRING, value: text, block } } as ASTNode)
      : node,
  )
}

const DESCRIBED: ReadonlySet<string> = new Set([
  Kind.OBJECT_TYPE_DEFINITION,
  Kind.INTERFACE_TYPE_DEFINITION,
  Kind.UNION_TYPE_DEFINITION,
  Kind.ENUM_TYPE_DEFINITION,
  Kind.INPUT_OBJECT_TYPE_DEFINITION,
  Kind.SCALAR_TYPE_DEFINITION,
  Kind.FIELD_DEFINITION,
  Kind.INPUT_VALUE_DEFINITION,
  Kind.ENUM_VALUE_DEFINITION,
  Kind.DIRECTIVE_DEFINITION,
])

const EXTENSIONS: Readonly<Record<string, Kind>> = {
  [Kind.OBJECT_TYPE_DEFINITION]: Kind.OBJECT_TYPE_EXTENSION,
  [Kind.INTERFACE_TYPE_DEFINITION]: Kind.INTERFACE_TYPE_EXTENSION,
  [Kind.UNION_TYPE_DEFINITION]: Kind.UNION_TYPE_EXTENSION,
  [Kind.ENUM_TYPE_DEFINITION]: Kind.ENUM_TYPE_EXTENSION,
  [Kind.INPUT_OBJECT_TYPE_DEFINITION]: Kind.INPUT_OBJECT_TYPE_EXTENSION,
}

/** Moves all but the first item of `list` of each definition of a kind into an extension. */
function split(kind: Kind, list: 'fields' | 'values' | 'types'): (sdl: string) => string {
  return onDocument(({ definitions }) =>
    definitions.flatMap((node) => {
      const items = (node as unknown as Readonly<Record<string, readonly ASTNode[] | undefined>>)[list] ?? []
      const extension = EXTENSIONS[node.kind]
      if (node.kind !== kind || extension === undefined || items.length < 2) return [node]
      const rest = { kind: extension, name: 'name' in node ? node.name : undefined, [list]: items.slice(1) }
      return [{ ...node, [list]: items.slice(0, 1) } as DefinitionNode, rest as unknown as DefinitionNode]
    }),
  )
}

/** Moves the directives of each type definition into an extension. */
const splitDirectives = onDocument(({ definitions }) =>
  definitions.flatMap((node) => {
    const extension = EXTENSIONS[node.kind]
    if (extension === undefined || !('directives' in node) || (node.directives ?? []).length === 0)
      return [node]
    const rest = {
      kind: extension,
      name: 'name' in node ? node.name : undefined,
      directives: node.directives,
    }
    return [{ ...node, directives: [] } as DefinitionNode, rest as unknown as DefinitionNode]
  }),
)

/** Uses federation's directives by other names. */
function rename(names: (name: string) => string, link: (imports: string) => string): (sdl: string) => string {
  return (sdl) => {
    const renamed = onNodes((node) =>
      node.kind === Kind.DIRECTIVE && FEDERATION_DIRECTIVES.includes(node.name.value)
        ? { ...node, name: { kind: Kind.NAME, value: names(node.name.value) } }
        : node,
    )
    return renamed(sdl).replace(/import: \[[^\]]*\]/, link)
  }
}

/** Those that subgraphs may call what they like: others must have one name in all of them. */
const FEDERATION_DIRECTIVES: readonly string[] = [
  'key',
  'shareable',
  'requires',
  'provides',
  'external',
  'override',
  'interfaceObject',
  'fromContext',
]

function importsAs(names: (name: string) => string): (imports: string) => string {
  return (imports) =>
    FEDERATION_DIRECTIVES.reduce(
      (text, name) => text.replace(`"@${name}"`, `{ name: "@${name}", as: "@${names(name)}" }`),
      imports,
    )
}

function withoutImports(imports: string): string {
  return FEDERATION_DIRECTIVES.reduce((text, name) => text.replace(`"@${name}"`, ''), imports)
}

export const REWRITES: readonly Rewrite[] = [
  ...UNORDERED_NAMES.flatMap((what) => [
    { name: `${what} in reverse`, rewrite: reorder(what, reversed) },
    { name: `${what}, the first at the end`, rewrite: reorder(what, rotated) },
  ]),
  { name: 'printed as graphql-js does', rewrite: (sdl) => print(parse(sdl)) },
  { name: 'without superfluous characters', rewrite: stripIgnoredCharacters },
  { name: 'with line breaks of Windows', rewrite: (sdl) => sdl.replaceAll('\n', '\r\n') },
  { name: 'with a byte order mark', rewrite: (sdl) => `\uFEFF${sdl}` },
  { name: 'indented by tabs', rewrite: (sdl) => sdl.replaceAll('  ', '\t') },
  { name: 'with empty lines', rewrite: (sdl) => sdl.replaceAll('\n', '\n\n') },
  {
    name: 'with a comment above each line',
    rewrite: (sdl) => print(parse(sdl)).replaceAll('\n', '\n# said before\n'),
  },
  {
    name: 'with commas after fields',
    rewrite: (sdl) => print(parse(sdl)).replaceAll(/([\w)!\]])$/gm, '$1,'),
  },
  { name: 'with descriptions', rewrite: describe('What it is.', false) },
  { name: 'with descriptions in blocks', rewrite: describe('What it is.\n\nAnd what "not".', true) },
  { name: 'with empty descriptions', rewrite: describe('', false) },
  { name: 'object types split', rewrite: split(Kind.OBJECT_TYPE_DEFINITION, 'fields') },
  { name: 'interfaces split', rewrite: split(Kind.INTERFACE_TYPE_DEFINITION, 'fields') },
  { name: 'input types split', rewrite: split(Kind.INPUT_OBJECT_TYPE_DEFINITION, 'fields') },
  { name: 'enums split', rewrite: split(Kind.ENUM_TYPE_DEFINITION, 'values') },
  { name: 'unions split', rewrite: split(Kind.UNION_TYPE_DEFINITION, 'types') },
  { name: 'directives of types in an extension', rewrite: splitDirectives },
  {
    name: 'imports by other names',
    rewrite: rename(
      (name) => `our_${name}`,
      importsAs((name) => `our_${name}`),
    ),
  },
  {
    name: 'no imports, but full names',
    rewrite: rename((name) => `federation__${name}`, withoutImports),
  },
  {
    name: 'another prefix for full names',
    rewrite: rename(
      (name) => `fed__${name}`,
      (imports) => `as: "fed", ${withoutImports(imports)}`,
    ),
  },
  {
    name: 'imports as objects',
    rewrite: (sdl) =>
      sdl.replace(/import: \[[^\]]*\]/, (imports) => imports.replaceAll(/"(@\w+)"/g, '{ name: "$1" }')),
  },
  {
    name: 'a directive of its own that is not composed',
    rewrite: (sdl) => `${sdl}\ndirective @internal(why: String) on OBJECT | FIELD_DEFINITION`,
  },
]
