import { type Change, type ChangeCode, type ChangeGrade, change } from '../change.ts'
import type { Use } from '../use.ts'
import type { FieldInSubgraph } from './graph-metadata.ts'

export type InSubgraphs = ReadonlyMap<string, FieldInSubgraph>

export type ComparedField = {
  readonly coordinate: string
  readonly before: InSubgraphs
  readonly after: InSubgraphs
  /** The subgraphs that both graphs have. */
  readonly staying: readonly string[]
  readonly uses: readonly Use[]
  readonly isKey: (subgraph: string, field: string) => boolean
}

/** What federation says of a field that both supergraphs have. */
export function* compareField(field: ComparedField): Generator<Change> {
  const { coordinate, before, after, staying, uses } = field
  yield* compareResolvers(field)
  for (const subgraph of staying) {
    const was = before.get(subgraph)
    const is = after.get(subgraph)
    const about = { coordinate, subgraph, uses }
    // A field is moved by adding it, so this counts also where the subgraph did not have it.
    yield* transition(about, OVERRIDE, printOverride(was), printOverride(is))
    if (was === undefined || is === undefined) continue
    yield* transition(about, REQUIRES, was.requires, is.requires)
    yield* transition(about, PROVIDES, was.provides, is.provides)
    for (const argument of new Set([...was.fromContext.keys(), ...is.fromContext.keys()])) {
      const ofArgument = { ...about, coordinate: `${coordinate}(${argument}:)` }
      yield* transition(ofArgument, FROM_CONTEXT, was.fromContext.get(argument), is.fromContext.get(argument))
    }
  }
}

/** Which subgraphs the gateway gets the field from. */
function* compareResolvers({ coordinate, before, after, uses, isKey }: ComparedField): Generator<Change> {
  const resolvedBefore = resolversOf(before)
  const resolvedAfter = resolversOf(after)
  const lost = resolvedBefore.filter((name) => !resolvedAfter.includes(name))
  const gained = resolvedAfter.filter((name) => !resolvedBefore.includes(name))
  const isOverridden = resolvedAfter.some((name) => {
    const override = printOverride(after.get(name))
    return override !== null && override !== printOverride(before.get(name))
  })
  if (isOverridden || resolvedBefore.length === 0 || resolvedAfter.length === 0) return
  if (gained.length > 0 && resolvedBefore.length === lost.length) {
    const message = `${coordinate} has moved from subgraph ${lost.join(', ')} to ${gained.join(', ')}.`
    yield change('FIELD_MOVED', 'DANGEROUS', coordinate, message, {
      subgraphs: [...lost, ...gained].toSorted(),
      uses,
    })
    return
  }
  const [, name = ''] = coordinate.split('.')
  for (const subgraph of gained) {
    const about = { detail: subgraph, subgraphs: [subgraph], uses }
    if (before.get(subgraph)?.external === true) {
      yield change(
        'EXTERNAL_REMOVED',
        'SAFE',
        coordinate,
        `${coordinate} is no longer @external in subgraph ${subgraph}.`,
        about,
      )
    } else if (!isKey(subgraph, name)) {
      yield change(
        'FIELD_SHARED',
        'SAFE',
        coordinate,
        `Subgraph ${subgraph} now also answers for ${coordinate}.`,
        about,
      )
    }
  }
  for (const subgraph of lost) {
    const about = { detail: subgraph, subgraphs: [subgraph], uses }
    if (after.get(subgraph)?.external === true) {
      yield change(
        'EXTERNAL_ADDED',
        'DANGEROUS',
        coordinate,
        `${coordinate} is now @external in subgraph ${subgraph}.`,
        about,
      )
    } else if (!isKey(subgraph, name)) {
      yield change(
        'FIELD_UNSHARED',
        'SAFE',
        coordinate,
        `Subgraph ${subgraph} no longer answers for ${coordinate}; ${resolvedAfter.join(', ')} still does.`,
        about,
      )
    }
  }
}

function resolversOf(inSubgraphs: InSubgraphs): readonly string[] {
  return [...inSubgraphs].flatMap(([subgraph, { resolves }]) => (resolves ? [subgraph] : [])).toSorted()
}

function printOverride(field: FieldInSubgraph | undefined): string | null {
  if (!field?.override) return null
  const { from, label } = field.override
  return label === null ? `from "${from}"` : `from "${from}" with label "${label}"`
}

/** What a directive on a field becomes: its name in messages, and code and grade of each way. */
type Transition = {
  readonly directive: string
  readonly added: readonly [ChangeCode, ChangeGrade]
  readonly changed: readonly [ChangeCode, ChangeGrade]
  readonly removed: readonly [ChangeCode, ChangeGrade]
}

const OVERRIDE: Transition = {
  directive: '@override',
  added: ['OVERRIDE_ADDED', 'DANGEROUS'],
  changed: ['OVERRIDE_CHANGED', 'DANGEROUS'],
  removed: ['OVERRIDE_REMOVED', 'SAFE'],
}
const REQUIRES: Transition = {
  directive: '@requires',
  added: ['REQUIRES_ADDED', 'DANGEROUS'],
  changed: ['REQUIRES_CHANGED', 'DANGEROUS'],
  removed: ['REQUIRES_REMOVED', 'SAFE'],
}
const PROVIDES: Transition = {
  directive: '@provides',
  added: ['PROVIDES_ADDED', 'DANGEROUS'],
  changed: ['PROVIDES_CHANGED', 'DANGEROUS'],
  removed: ['PROVIDES_REMOVED', 'DANGEROUS'],
}
const FROM_CONTEXT: Transition = {
  directive: '@fromContext',
  added: ['FROM_CONTEXT_ADDED', 'DANGEROUS'],
  changed: ['FROM_CONTEXT_CHANGED', 'DANGEROUS'],
  removed: ['FROM_CONTEXT_REMOVED', 'DANGEROUS'],
}

function* transition(
  about: { readonly coordinate: string; readonly subgraph: string; readonly uses: readonly Use[] },
  { directive, added, changed, removed }: Transition,
  before: string | null | undefined,
  after: string | null | undefined,
): Generator<Change> {
  const was = before ?? null
  const is = after ?? null
  if (was === is) return
  const { coordinate, subgraph, uses } = about
  const rest = { detail: subgraph, subgraphs: [subgraph], uses }
  const where = `${coordinate} in subgraph ${subgraph}`
  if (was === null) yield change(...added, coordinate, `${where} now has ${directive} ${is}.`, rest)
  else if (is === null)
    yield change(...removed, coordinate, `${where} no longer has ${directive} ${was}.`, rest)
  else yield change(...changed, coordinate, `${where} had ${directive} ${was} and has ${is}.`, rest)
}
