import type { Json, SchemaNode } from './json-schema.ts'
import { type Bound, isSame, type Shape } from './shapes.ts'

const MAX_SHAPES = 128

/** A node that accepts what both accept. */
type Both = (a: SchemaNode, b: SchemaNode) => SchemaNode

/**
 * What two unions have in common, with values kept that only one of them has: the caller asks the whole node about these.
 * null where there are too many shapes to go on.
 */
export function intersect(
  left: readonly Shape[],
  right: readonly Shape[],
  both: Both,
): readonly Shape[] | null {
  if (left.length === 0 || right.length === 0) return []
  return bounded([
    ...left.flatMap((a) => right.flatMap((b) => intersectPair(a, b, both) ?? [])),
    ...onlyValues([...left, ...right]),
  ])
}

/** The union of several; null where one of them is not known. */
export function union(branches: readonly (readonly Shape[] | null)[]): readonly Shape[] | null {
  return branches.includes(null) ? null : bounded(branches.flatMap((branch) => branch ?? []))
}

/** With all values in one shape. */
function bounded(shapes: readonly Shape[]): readonly Shape[] | null {
  const merged = [...shapes.filter(({ kind }) => kind !== 'values'), ...onlyValues(shapes)]
  return merged.length > MAX_SHAPES ? null : merged
}

function onlyValues(shapes: readonly Shape[]): readonly Shape[] {
  const values: Json[] = []
  for (const shape of shapes) {
    if (shape.kind !== 'values') continue
    for (const value of shape.values) {
      if (!values.some((other) => isSame(value, other))) values.push(value)
    }
  }
  return values.length > 0 ? [{ kind: 'values', values }] : []
}

function intersectPair(a: Shape, b: Shape, both: Both): Shape | null {
  if (a.kind === 'values' || b.kind === 'values') return null
  const opaque = [...a.opaque, ...b.opaque]
  if (a.kind === 'number' && b.kind === 'number') {
    return {
      kind: 'number',
      min: tighterBound(a.min, b.min, 1),
      max: tighterBound(a.max, b.max, -1),
      isInteger: a.isInteger || b.isInteger,
      multiples: [...a.multiples, ...b.multiples],
      opaque,
    }
  }
  if (a.kind === 'number' || b.kind === 'number') return null
  const bounds = { min: Math.max(a.min, b.min), max: Math.min(a.max, b.max), opaque }
  if (a.kind === 'string' && b.kind === 'string') {
    return {
      ...bounds,
      kind: 'string',
      patterns: [...a.patterns, ...b.patterns],
      formats: [...a.formats, ...b.formats],
    }
  }
  if (a.kind === 'array' && b.kind === 'array') {
    const length = Math.max(a.prefix.length, b.prefix.length)
    return {
      ...bounds,
      kind: 'array',
      isUnique: a.isUnique || b.isUnique,
      prefix: Array.from({ length }, (_, index) =>
        both(a.prefix[index] ?? a.rest, b.prefix[index] ?? b.rest),
      ),
      rest: both(a.rest, b.rest),
    }
  }
  if (a.kind !== 'object' || b.kind !== 'object') return null
  const names = new Set([...a.properties.keys(), ...b.properties.keys()])
  return {
    ...bounds,
    kind: 'object',
    properties: new Map(
      [...names].map((name) => [
        name,
        both(a.properties.get(name) ?? a.additional, b.properties.get(name) ?? b.additional),
      ]),
    ),
    required: new Set([...a.required, ...b.required]),
    additional: both(a.additional, b.additional),
    saysAdditional: a.saysAdditional || b.saysAdditional,
    names: both(a.names, b.names),
  }
}

function tighterBound(a: Bound | null, b: Bound | null, direction: 1 | -1): Bound | null {
  if (a === null || b === null) return a ?? b
  if (a.value === b.value) return a.isExclusive ? a : b
  return (a.value - b.value) * direction > 0 ? a : b
}
