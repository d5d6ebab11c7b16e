import { parse } from '@babel/parser'

/** One place in a source file that names another module. */
export type Import = {
  readonly line: number
  /** As written, or undefined where it is computed and so cannot be read. */
  readonly specifier: string | undefined
  /** The names taken from the module; `all` where any of them can be. */
  readonly names: readonly string[] | 'all'
}

type Statement = ReturnType<typeof parse>['program']['body'][number]
type Expression = Extract<Statement, { type: 'ExpressionStatement' }>['expression']
type TypeExpression = Extract<Statement, { type: 'TSTypeAliasDeclaration' }>['typeAnnotation']
type Call = Extract<Expression, { type: 'CallExpression' }>
type Callee = Call['callee']
type Argument = Call['arguments'][number]
type Node = Statement | Expression | TypeExpression

const CODE_FILE = /\.[cm]?[jt]sx?$/

export function isCode(path: string): boolean {
  return CODE_FILE.test(path)
}

/**
 * Every import of a TypeScript or JavaScript file: statements, re-exports, `import()`, `import('…').T` in a type,
 * `import.meta.resolve('…')` and `new URL('….ts', import.meta.url)`, which is how a worker or a process is started.
 * Throws a SyntaxError for what does not parse.
 */
export function readImports(text: string): Import[] {
  const { program } = parse(text, {
    sourceType: 'module',
    plugins: ['typescript', 'explicitResourceManagement'],
    createImportExpressions: true,
    attachComment: false,
  })
  const imports: Import[] = []
  visit(program.body, (node) => {
    const found = importOf(node)
    if (found !== undefined) imports.push({ line: node.loc?.start.line ?? 1, ...found })
  })
  return imports
}

/** Shows every node below the value. */
function visit(value: object, see: (node: Node) => void): void {
  if ('type' in value && 'loc' in value) see(value as Node)
  for (const [key, child] of Object.entries(value)) {
    if (typeof child === 'object' && child !== null && key !== 'loc') visit(child, see)
  }
}

function importOf(node: Node): Omit<Import, 'line'> | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
      return {
        specifier: node.source.value,
        names: listed(node.specifiers, (specifier) =>
          specifier.type === 'ImportSpecifier' ? nameOf(specifier.imported) : undefined,
        ),
      }
    case 'ExportNamedDeclaration':
      if (!node.source) return undefined
      return {
        specifier: node.source.value,
        names: listed(node.specifiers, (specifier) =>
          specifier.type === 'ExportSpecifier' ? nameOf(specifier.local) : undefined,
        ),
      }
    case 'ExportAllDeclaration':
      return { specifier: node.source.value, names: 'all' }
    case 'ImportExpression':
      return { specifier: literal(node.source), names: 'all' }
    case 'TSImportType':
      return { specifier: literal(node.argument), names: qualified(node.qualifier) }
    case 'CallExpression':
      if (!isImportMeta(node.callee, 'resolve')) return undefined
      return { specifier: literal(node.arguments[0]), names: 'all' }
    case 'NewExpression': {
      const [target, base] = node.arguments
      if (node.callee.type !== 'Identifier' || node.callee.name !== 'URL' || !isImportMeta(base, 'url'))
        return undefined
      const path = literal(target)?.replace(/[?#].*$/, '')
      // A computed path is an import that cannot be read; the check refuses it.
      if (path === undefined) return { specifier: undefined, names: 'all' }
      if (!isCode(path)) return undefined
      return { specifier: /^\.{0,2}\//.test(path) ? path : `./${path}`, names: 'all' }
    }
    default:
      return undefined
  }
}

/** The names of all specifiers, or `all` where one of them stands for the whole module. */
function listed<Specifier>(
  specifiers: readonly Specifier[],
  nameIn: (specifier: Specifier) => string | undefined,
): Import['names'] {
  const names = specifiers.map(nameIn)
  return names.every((name) => name !== undefined) ? names : 'all'
}

function nameOf(name: { type: 'Identifier'; name: string } | { type: 'StringLiteral'; value: string }) {
  return name.type === 'Identifier' ? name.name : name.value
}

/** Whether the node is `import.meta.<property>`. */
function isImportMeta(node: Callee | Argument | undefined, property: string): boolean {
  return (
    node?.type === 'MemberExpression' &&
    node.object.type === 'MetaProperty' &&
    node.property.type === 'Identifier' &&
    node.property.name === property
  )
}

/** `import('x').A.B` takes A of x. */
function qualified(name: Extract<TypeExpression, { type: 'TSImportType' }>['qualifier']): Import['names'] {
  if (!name) return 'all'
  let first = name
  while (first.type === 'TSQualifiedName') first = first.left
  return first.type === 'Identifier' ? [first.name] : 'all'
}

/** The text of a string or of a template without `${}`. */
function literal(node: Argument | undefined): string | undefined {
  if (node?.type === 'StringLiteral') return node.value
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? undefined
  return undefined
}
