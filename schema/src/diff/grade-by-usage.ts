import { type GraphQLSchema, getNamedType, isInterfaceType, isObjectType } from 'graphql'
import type { AffectedOperation } from '../model/finding.ts'
import type { RecordedUsage } from '../model/operation.ts'
import { type Change, type ChangeGrade, reasonOf } from './change.ts'
import { findArgument } from './schema-lookup.ts'
import type { Use } from './use.ts'

export type GradedByUsage = {
  readonly grade: ChangeGrade
  readonly downgradedFrom: ChangeGrade | null
  readonly reason: string
}

type GradeByUsage = (change: Change, affected: readonly AffectedOperation[]) => GradedByUsage

/**
 * Grades a break that touches no operation. It is downgraded to DANGEROUS, and not to SAFE, because usage is a
 * record of the past: an operation that runs once a quarter is not in a window of a month.
 */
export function createGradeByUsage(recorded: RecordedUsage | null, base: GraphQLSchema): GradeByUsage {
  const usesOfLong = recorded === null ? null : createUsesOfLong(recorded.coordinates, base)
  return (change, affected) => {
    const reason = reasonOf(change)
    const asItIs = (note: string) => ({
      grade: change.grade,
      downgradedFrom: null,
      reason: `${reason}${note}`,
    })
    if (change.grade !== 'BREAKING' || affected.length > 0 || recorded === null || usesOfLong === null)
      return asItIs('')
    const count = usesOfLong(change.uses)
    if (count > 0)
      return asItIs(` Operations that are too long to be recorded whole have used it, ${count} times.`)
    const window = `from ${dayOf(recorded.from)} to ${dayOf(recorded.to)}`
    if (!recorded.isEnough) {
      return asItIs(
        ` No known operation uses it, but what was recorded ${window}, ${recorded.requests} requests, is too little to rely on.`,
      )
    }
    return {
      grade: 'DANGEROUS',
      downgradedFrom: 'BREAKING',
      reason: `${reason} But no known operation uses it, nor did any of the ${recorded.requests} requests recorded ${window}.`,
    }
  }
}

/** @param instant UTC, ISO 8601 */
function dayOf(instant: string): string {
  return instant.slice(0, 10)
}

/**
 * How often operations that are known by their coordinates only have used something of this. In doubt they have: a use
 * of two things counts if they have used one, and what no coordinate tells, such as a directive, always counts.
 */
function createUsesOfLong(
  coordinates: ReadonlyMap<string, number>,
  schema: GraphQLSchema,
): (uses: readonly Use[]) => number {
  const counts = new Map<string, number>()
  let most = 0
  const add = (key: string, count: number) => counts.set(key, Math.max(count, counts.get(key) ?? 0))
  for (const [coordinate, count] of coordinates) {
    most = Math.max(most, count)
    add(coordinate, count)
    for (const type of typesOf(coordinate, schema)) add(type, count)
  }
  return (uses) =>
    Math.max(
      0,
      ...uses.flat().map((key) => (key.startsWith('@') ? most : (counts.get(recordedKey(key)) ?? 0))),
    )
}

/** The types that the use of a coordinate is a use of. */
function typesOf(coordinate: string, schema: GraphQLSchema): readonly string[] {
  const [, type = '', field = '', argument] = /^(\w+)\.(\w+)(?:\((\w+):\))?$/.exec(coordinate) ?? []
  const named = schema.getType(type)
  const used =
    argument !== undefined
      ? findArgument(schema, type, field, argument)?.type
      : isObjectType(named) || isInterfaceType(named)
        ? named.getFields()[field]?.type
        : undefined
  return used === undefined ? [type] : [type, getNamedType(used).name]
}

/** Under what an index key of an operation is counted: an omitted argument by its field, a type by its name. */
function recordedKey(key: string): string {
  if (key.startsWith('omitted ')) return key.slice('omitted '.length).replace(/\(.*/, '')
  return key.replace(/^(returned|variable) /, '')
}
