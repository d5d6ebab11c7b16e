import { intersect, union } from './intersect.ts'
import type { Draft, Json, JsonMap, SchemaDocument, SchemaNode } from './json-schema.ts'
import { INCOMPARABLE_KEYWORDS } from './keywords.ts'
import { ownShapes, schemasOf } from './own-shapes.ts'
import { isDisjoint, type OpaquePart, type Shape } from './shapes.ts'

const MAX_DEPTH = 32

/** Reads shapes of the nodes of one file, each once. */
export type ShapeReader = {
  /** null where the node is beyond what can be compared. */
  of(node: SchemaNode): readonly Shape[] | null
  /** The values of a node that accepts no others; null for every other node. */
  valuesOf(node: SchemaNode): readonly Json[] | null
}

/** @param isSender whether a message has no properties but those that are named; see `compareSchemas` */
export function createShapeReader(document: SchemaDocument, isSender: boolean): ShapeReader {
  const known = new WeakMap<object, readonly Shape[] | null>()
  /** Those that are being read: one that comes back to itself says nothing. */
  const pending = new Set<SchemaNode>()
  const intersections = new WeakMap<object, WeakMap<object, SchemaNode>>()

  /** The same two nodes give the same node, so that a recursive schema comes back to where it was. */
  const both = (a: SchemaNode, b: SchemaNode): SchemaNode => {
    if (a === true || a === b) return b
    if (b === true) return a
    if (a === false || b === false) return false
    const ofA = intersections.get(a) ?? new WeakMap<object, SchemaNode>()
    intersections.set(a, ofA)
    const node = ofA.get(b) ?? { allOf: [a, b] }
    ofA.set(b, node)
    return node
  }

  const read = (node: SchemaNode, depth: number): readonly Shape[] | null => {
    if (node === false) return []
    if (node === true) return ownShapes({}, document.isClaim)
    const before = known.get(node)
    if (before !== undefined) return before
    if (depth > MAX_DEPTH || pending.has(node)) return null
    pending.add(node)
    const shapes = readNode(node, depth)
    pending.delete(node)
    known.set(node, shapes)
    return shapes
  }

  const readNode = (node: JsonMap, depth: number): readonly Shape[] | null => {
    if (INCOMPARABLE_KEYWORDS.some((keyword) => keyword in node) || isOfAnotherDraft(node, document.draft))
      return null
    let shapes: readonly Shape[] | null = ownShapes(node, document.isClaim)
    const require = (others: readonly Shape[] | null) => {
      shapes = shapes && others && intersect(shapes, others, both)
    }
    if (typeof node.$ref === 'string') {
      const target = document.resolve(node.$ref)
      require(target === null ? null : read(target, depth + 1))
    }
    for (const part of schemasOf(node.allOf)) require(read(part, depth + 1))
    if ('anyOf' in node) {
      const branches = schemasOf(node.anyOf).map((branch) => read(branch, depth + 1))
      require(union(isSender ? withNamesOfOthers(branches) : branches))
    }
    if ('oneOf' in node) {
      const branches = schemasOf(node.oneOf).map((branch) => read(branch, depth + 1))
      const merged = union(branches)
      const isExclusive = merged !== null && areDisjoint(branches.map((branch) => branch ?? []))
      const opaque = [{ keyword: 'oneOf', value: node.oneOf ?? null, isClaim: false }]
      require(isExclusive ? merged : (merged?.map((shape) => withOpaque(shape, opaque)) ?? null))
    }
    return (
      shapes?.flatMap((shape): readonly Shape[] => {
        if (shape.kind !== 'values') return [shape]
        // Whether the claims hold is not known.
        const values = shape.values.filter((value) =>
          [true, false].some((isMet) => document.accepts(node, value, () => isMet) !== false),
        )
        return values.length > 0 ? [{ kind: 'values', values }] : []
      }) ?? null
    )
  }

  const valuesOf = (node: SchemaNode): readonly Json[] | null => {
    const shapes = read(node, 0)
    if (shapes === null || shapes.some(({ kind }) => kind !== 'values')) return null
    return shapes.flatMap((shape) => (shape.kind === 'values' ? shape.values : []))
  }

  /** Whether no value is in two of the branches, as far as types, values and discriminators tell. */
  const areDisjoint = (branches: readonly (readonly Shape[])[]): boolean =>
    branches.every((branch, index) =>
      branches
        .slice(0, index)
        .every((other) => branch.every((a) => other.every((b) => isDisjoint(a, b, valuesOf, valuesOf)))),
    )

  /** A message can fit several branches at once, and then has what any of them names. */
  const withNamesOfOthers = (branches: readonly (readonly Shape[] | null)[]) => {
    const objects = branches.flatMap((branch) => branch ?? []).filter((shape) => shape.kind === 'object')
    return branches.map(
      (branch) =>
        branch?.map((shape) => {
          if (shape.kind !== 'object' || shape.saysAdditional) return shape
          const properties = new Map(shape.properties)
          for (const other of objects) {
            if (other === shape || isDisjoint(shape, other, valuesOf, valuesOf)) continue
            for (const [name, schema] of other.properties) {
              if (shape.properties.has(name)) continue
              const before = properties.get(name)
              properties.set(name, before === undefined ? schema : { anyOf: [before, schema] })
            }
          }
          return { ...shape, properties }
        }) ?? null,
    )
  }

  return { of: (node) => read(node, 0), valuesOf }
}

/** In draft 4 `exclusiveMinimum` is true or false; tuples are `items` up to draft 7 and `prefixItems` after it. */
function isOfAnotherDraft(node: JsonMap, draft: Draft): boolean {
  const isTupleOfOther = draft === 'draft-07' ? 'prefixItems' in node : Array.isArray(node.items)
  return (
    isTupleOfOther || typeof node.exclusiveMinimum === 'boolean' || typeof node.exclusiveMaximum === 'boolean'
  )
}

function withOpaque(shape: Shape, opaque: readonly OpaquePart[]): Shape {
  return shape.kind === 'values' ? shape : { ...shape, opaque: [...shape.opaque, ...opaque] }
}
