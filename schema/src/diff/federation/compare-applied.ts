import { type Change, change } from '../change.ts'
import type { Use } from '../use.ts'
import type { UsesOf } from './compare-subgraphs.ts'
import type { AppliedDirectives, Arguments, GraphMetadata } from './graph-metadata.ts'

type Context = {
  readonly coordinate: string
  readonly uses: readonly Use[]
  readonly before: readonly Arguments[]
  readonly after: readonly Arguments[]
}

/** What changed in the directives of elements that both supergraphs have: rights, tags, costs, contexts, and others. */
export function* compareApplied(base: GraphMetadata, head: GraphMetadata, uses: UsesOf): Generator<Change> {
  for (const name of head.composedDirectives.keys()) {
    if (base.composedDirectives.has(name)) continue
    yield change(
      'COMPOSED_DIRECTIVE_ADDED',
      'SAFE',
      `@${name}`,
      `Directive @${name} is now in the supergraph.`,
    )
  }
  for (const [name, was] of base.composedDirectives) {
    const is = head.composedDirectives.get(name)
    if (is === was) continue
    yield is === undefined
      ? change(
          'COMPOSED_DIRECTIVE_REMOVED',
          'DANGEROUS',
          `@${name}`,
          `Directive @${name} is no longer in the supergraph.`,
        )
      : change(
          'COMPOSED_DIRECTIVE_CHANGED',
          'DANGEROUS',
          `@${name}`,
          `Directive @${name} was defined as "${was}" and is defined as "${is}".`,
        )
  }
  for (const coordinate of new Set([...base.applied.keys(), ...head.applied.keys()])) {
    if (!base.coordinates.has(coordinate) || !head.coordinates.has(coordinate)) continue
    const before = base.applied.get(coordinate) ?? NONE
    const after = head.applied.get(coordinate) ?? NONE
    for (const name of new Set([...before.keys(), ...after.keys()])) {
      const compare = COMPARISONS[name] ?? compareOther(name)
      yield* compare({
        coordinate,
        uses: usesOfCoordinate(coordinate, uses),
        before: before.get(name) ?? [],
        after: after.get(name) ?? [],
      })
    }
  }
}

const NONE: AppliedDirectives = new Map()

function usesOfCoordinate(coordinate: string, uses: UsesOf): readonly Use[] {
  if (coordinate.includes('(')) return [[coordinate]]
  return coordinate.includes('.') ? uses.field(coordinate) : uses.type(coordinate)
}

const COMPARISONS: Readonly<Record<string, (context: Context) => Generator<Change>>> = {
  authenticated: compareAuthenticated,
  requiresScopes: (context) => compareAlternatives(context, 'scopes', 'SCOPES'),
  policy: (context) => compareAlternatives(context, 'policies', 'POLICY'),
  tag: (context) => compareNames(context, '@tag', 'TAG_ADDED', 'TAG_REMOVED'),
  context: (context) => compareNames(context, '@context', 'CONTEXT_ADDED', 'CONTEXT_REMOVED'),
  cost: compareCost,
  listSize: compareListSize,
}

function* compareAuthenticated({ coordinate, uses, before, after }: Context): Generator<Change> {
  if (before.length === 0 && after.length > 0) {
    yield change('AUTHENTICATED_ADDED', 'BREAKING', coordinate, `${coordinate} is now @authenticated.`, {
      uses,
    })
  } else if (before.length > 0 && after.length === 0) {
    yield change(
      'AUTHENTICATED_REMOVED',
      'DANGEROUS',
      coordinate,
      `${coordinate} is no longer @authenticated.`,
      { uses },
    )
  }
}

/** One of these is needed, with all that it lists. */
type Alternatives = readonly (readonly string[])[]

function* compareAlternatives(
  { coordinate, uses, before, after }: Context,
  argument: 'scopes' | 'policies',
  code: 'SCOPES' | 'POLICY',
): Generator<Change> {
  const was = readAlternatives(before[0]?.[argument])
  const is = readAlternatives(after[0]?.[argument])
  const lets = { old: allows(is, was), new: allows(was, is) }
  if (lets.old && lets.new) return
  const message = `${coordinate} needed ${printAlternatives(was)} and needs ${printAlternatives(is)}.`
  if (lets.old) yield change(`${code}_LOOSENED`, 'DANGEROUS', coordinate, message, { uses })
  else yield change(`${code}_TIGHTENED`, 'BREAKING', coordinate, message, { uses })
}

/** No directive is one alternative that lists nothing. */
function readAlternatives(value: unknown): Alternatives {
  if (!Array.isArray(value)) return [[]]
  return value.map((all) => (Array.isArray(all) ? all.map(String).toSorted() : []))
}

/** Whether everybody who has what `had` needs also has what `needed` needs. */
function allows(needed: Alternatives, had: Alternatives): boolean {
  return had.every((has) => needed.some((all) => all.every((one) => has.includes(one))))
}

function printAlternatives(alternatives: Alternatives): string {
  const printed = alternatives.map((all) => (all.length === 0 ? 'nothing' : all.join(' and '))).toSorted()
  return printed.length === 0 ? 'what nobody has' : printed.join(', or ')
}

function* compareNames(
  { coordinate, uses, before, after }: Context,
  directive: string,
  added: 'TAG_ADDED' | 'CONTEXT_ADDED',
  removed: 'TAG_REMOVED' | 'CONTEXT_REMOVED',
): Generator<Change> {
  const was = new Set(before.map(({ name }) => String(name)))
  const is = new Set(after.map(({ name }) => String(name)))
  for (const name of is) {
    if (was.has(name)) continue
    const grade = added === 'TAG_ADDED' ? 'DANGEROUS' : 'SAFE'
    yield change(added, grade, coordinate, `${coordinate} now has ${directive} "${name}".`, {
      detail: name,
      uses,
    })
  }
  for (const name of was) {
    if (is.has(name)) continue
    yield change(removed, 'DANGEROUS', coordinate, `${coordinate} no longer has ${directive} "${name}".`, {
      detail: name,
      uses,
    })
  }
}

/** What an element without `@cost` costs depends on its type, so coming and going count as more. */
function* compareCost({ coordinate, uses, before, after }: Context): Generator<Change> {
  const was = before[0]?.weight
  const is = after[0]?.weight
  if (was === is) return
  const isLess = typeof was === 'number' && typeof is === 'number' && is < was
  const message = `${coordinate} ${was === undefined ? 'had no @cost' : `cost ${was}`} and ${is === undefined ? 'has none' : `costs ${is}`}.`
  yield change('COST_CHANGED', isLess ? 'SAFE' : 'DANGEROUS', coordinate, message, { uses })
}

function* compareListSize({ coordinate, uses, before, after }: Context): Generator<Change> {
  const was = sortLists(before[0])
  const is = sortLists(after[0])
  if (printArguments(was) === printArguments(is)) return
  const message = `${coordinate} had @listSize ${printArguments(was)} and has ${printArguments(is)}.`
  yield change('LIST_SIZE_CHANGED', isSmaller(was, is) ? 'SAFE' : 'DANGEROUS', coordinate, message, { uses })
}

/** Names of arguments and fields, in whatever order they were given. */
function sortLists(values: Arguments | undefined): Arguments | undefined {
  if (values === undefined) return undefined
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? value.toSorted() : value]),
  )
}

/** Whether the lists are just assumed to be shorter. */
function isSmaller(was: Arguments | undefined, is: Arguments | undefined): boolean {
  const [before, after] = [was?.assumedSize, is?.assumedSize]
  if (typeof before !== 'number' || typeof after !== 'number' || after >= before) return false
  return printArguments({ ...was, assumedSize: null }) === printArguments({ ...is, assumedSize: null })
}

function compareOther(name: string) {
  return function* ({ coordinate, uses, before, after }: Context): Generator<Change> {
    const was = before.map(printArguments).toSorted().join(' ') || 'nothing'
    const is = after.map(printArguments).toSorted().join(' ') || 'nothing'
    if (was === is) return
    const message = `${coordinate} had @${name} ${was} and has ${is}.`
    yield change('DIRECTIVE_USE_CHANGED', 'DANGEROUS', coordinate, message, { detail: name, uses })
  }
}

/** In one spelling, whatever the order in which they were given. */
function printArguments(values: Arguments | undefined): string {
  if (values === undefined) return 'nothing'
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null)
  const sorted = given.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `(${sorted.map(([name, value]) => `${name}: ${printValue(value)}`).join(', ')})`
}

function printValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printValue).join(', ')}]`
  if (typeof value === 'object' && value !== null) return printArguments(value as Arguments)
  return JSON.stringify(value) ?? String(value)
}
