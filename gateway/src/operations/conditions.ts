import {
  type DirectiveNode,
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  visit,
} from 'graphql'

/** Values of the Boolean variables that an operation's `@skip`, `@include` and `@defer` use. */
export type Conditions = ReadonlyMap<string, boolean>

const CONDITIONAL: ReadonlySet<string> = new Set(['skip', 'include', 'defer'])

/** The variables that decide which parts of an operation are executed: those in the `if` of these directives. */
export function conditionVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>()
  visit(document, {
    Directive(directive) {
      if (!CONDITIONAL.has(directive.name.value)) return
      for (const { name, value } of directive.arguments ?? []) {
        if (name.value === 'if' && value.kind === Kind.VARIABLE) names.add(value.name.value)
      }
    },
  })
  return [...names].sort()
}

/** Their values in one request, whose variables have been coerced, so that defaults are in. */
export function decideConditions(
  names: readonly string[],
  variables: Readonly<Record<string, unknown>>,
): Conditions {
  return new Map(names.map((name) => [name, variables[name] === true]))
}

/** The value of a directive's `if`; undefined where it has none. */
export function valueOfIf(directive: DirectiveNode | undefined, conditions: Conditions): boolean | undefined {
  const value = directive?.arguments?.find(({ name }) => name.value === 'if')?.value
  if (value?.kind === Kind.BOOLEAN) return value.value
  return value?.kind === Kind.VARIABLE ? conditions.get(value.name.value) : undefined
}

/** Whether neither `@skip` nor `@include` leaves the selection out. */
export function isIncluded({ directives }: SelectionNode, conditions: Conditions): boolean {
  const directive = (wanted: string) => directives?.find(({ name }) => name.value === wanted)
  return (
    valueOfIf(directive('skip'), conditions) !== true && valueOfIf(directive('include'), conditions) !== false
  )
}

/** The document without `@defer`, for clients that take one answer only. */
export function withoutDefer(document: DocumentNode): DocumentNode {
  return visit(document, {
    Directive: (directive) => (directive.name.value === 'defer' ? null : undefined),
  })
}

/** The operation to execute; null where the name fits none, or several could be meant. */
export function findOperation(
  document: DocumentNode,
  name: string | undefined,
): OperationDefinitionNode | null {
  const operations = document.definitions.filter(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  )
  if (name === undefined) return operations.length === 1 ? (operations[0] ?? null) : null
  return operations.find((operation) => operation.name?.value === name) ?? null
}
