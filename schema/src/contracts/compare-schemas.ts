import {
  compareArrays,
  compareNumbers,
  compareObjects,
  compareStrings,
  type Difference,
} from './compare-shapes.ts'
import { isJsonMap, type Json, type SchemaDocument, type SchemaNode } from './json-schema.ts'
import { createShapeReader, type ShapeReader } from './shape-reader.ts'
import { isDisjoint, kindOf, type Shape } from './shapes.ts'

/** More steps than any contract takes; beyond, nothing is said to be readable. */
const MAX_STEPS = 50_000

type Place = { readonly path: string; readonly sender: SchemaNode; readonly reader: SchemaNode }
type PairState =
  | { readonly type: 'pending'; readonly depth: number }
  | { readonly type: 'compared'; readonly differences: readonly Difference[] }

/**
 * Why a message that is valid for the sender may not be for the reader; empty where every one is. It errs on one side only:
 * what cannot be decided is a difference with `isDecided: false`.
 *
 * A sender sends only properties that its schema names, unless it says `additionalProperties`: otherwise no property could
 * ever be added to a schema that is open by default.
 */
export function compareSchemas(senders: SchemaDocument, readers: SchemaDocument): readonly Difference[] {
  const shapesOfSender = createShapeReader(senders, true)
  const shapesOfReader = createShapeReader(readers, false)
  const known = new WeakMap<object, WeakMap<object, PairState>>()
  let steps = 0
  /** Of the pairs that are being compared, the outermost one that was met again since `lowest` was set. */
  let lowest = Number.POSITIVE_INFINITY
  let depth = 0

  const compare = (sender: SchemaNode, reader: SchemaNode, path: string): readonly Difference[] => {
    if (reader === true || sender === false) return []
    if (sender === true || reader === false) return compareNodes({ path, sender, reader })
    const ofSender = known.get(sender) ?? new WeakMap<object, PairState>()
    known.set(sender, ofSender)
    const before = ofSender.get(reader)
    if (before?.type === 'compared') return before.differences
    if (before?.type === 'pending') {
      // A recursive schema holds if it holds one level deeper.
      lowest = Math.min(lowest, before.depth)
      return []
    }
    const ownDepth = depth++
    ofSender.set(reader, { type: 'pending', depth: ownDepth })
    const outer = lowest
    lowest = Number.POSITIVE_INFINITY
    const differences = compareNodes({ path, sender, reader })
    depth--
    const isConditional = differences.length === 0 && lowest < ownDepth
    // What holds only if an outer pair does is found out again elsewhere, because that pair may turn out not to hold.
    if (isConditional) ofSender.delete(reader)
    else ofSender.set(reader, { type: 'compared', differences })
    lowest = Math.min(outer, lowest < ownDepth ? lowest : Number.POSITIVE_INFINITY)
    return differences
  }

  const compareNodes = (at: Place): readonly Difference[] => {
    if (steps++ > MAX_STEPS)
      return [{ ...at, message: 'the schemas are too large to compare', isDecided: false }]
    if (isEqual(at.sender, at.reader, new WeakMap())) return []
    const ofSender = shapesOfSender.of(at.sender)
    const ofReader = shapesOfReader.of(at.reader)
    if (ofSender === null || ofReader === null) {
      const message = 'something changed that is too complex to compare'
      return [{ ...at, message, isDecided: false }]
    }
    return ofSender.flatMap((shape) => compareShape(shape, ofReader, at))
  }

  const compareShape = (shape: Shape, ofReader: readonly Shape[], at: Place): readonly Difference[] => {
    if (shape.kind === 'values') return compareValues(shape.values, at)
    const candidates = ofReader.filter(
      (other) =>
        other.kind !== 'values' &&
        !isDisjoint(shape, other, shapesOfSender.valuesOf, shapesOfReader.valuesOf),
    )
    const differences = candidates.map((candidate) => compareTwo(shape, candidate, at))
    if (differences.some((list) => list.length === 0)) return []
    const [best] = differences.toSorted((a, b) => a.length - b.length)
    const isAmongValues = ofReader.some(
      (other) => other.kind === 'values' && other.values.some((value) => kindOf(value) === shape.kind),
    )
    const isCertain =
      shape.opaque.every((part) => part.isClaim) &&
      (candidates.length === 0 || (candidates.length === 1 && !isAmongValues))
    const found = best ?? [{ ...at, message: refusalOf(shape, ofReader, shapesOfSender), isDecided: true }]
    return found.map((difference) => (isCertain ? difference : { ...difference, isDecided: false }))
  }

  const compareValues = (values: readonly Json[], at: Place): readonly Difference[] =>
    values.flatMap((value) => {
      const isAccepted = accepts(at.sender, at.reader, value)
      if (isAccepted === true) return []
      const message = `the value ${JSON.stringify(value)} is not accepted`
      const undecided = `it cannot be told whether the value ${JSON.stringify(value)} is accepted`
      return [{ ...at, message: isAccepted === null ? undecided : message, isDecided: isAccepted === false }]
    })

  /** Whether the reader accepts what the sender does, whatever the claims mean that the sender does not make too. */
  const accepts = (sender: SchemaNode, reader: SchemaNode, value: Json): boolean | null => {
    const asked = new Set<string>()
    senders.accepts(sender, value, (claim) => {
      asked.add(claim)
      return true
    })
    const made = [...asked].filter(
      (claim) => senders.accepts(sender, value, (other) => other !== claim) === false,
    )
    const best = readers.accepts(reader, value)
    const worst = readers.accepts(reader, value, (claim) => made.includes(claim))
    return best === worst ? best : null
  }

  const compareTwo = (sender: Shape, reader: Shape, at: Place): readonly Difference[] => {
    if (sender.kind === 'values' || reader.kind === 'values') return []
    const opaque = reader.opaque
      .filter(
        (part) =>
          !sender.opaque.some(
            (other) => part.keyword === other.keyword && isEqual(other.value, part.value, new WeakMap()),
          ),
      )
      .map(({ keyword }) => ({
        ...at,
        message: `what \`${keyword}\` says cannot be compared`,
        isDecided: false,
      }))
    return [...opaque, ...compareBounds(sender, reader, at)]
  }

  const compareBounds = (sender: Shape, reader: Shape, at: Place): readonly Difference[] => {
    if (sender.kind === 'number' && reader.kind === 'number') return compareNumbers(sender, reader, at)
    if (sender.kind === 'string' && reader.kind === 'string') return compareStrings(sender, reader, at)
    if (sender.kind === 'array' && reader.kind === 'array') return compareArrays(sender, reader, at, compare)
    if (sender.kind !== 'object' || reader.kind !== 'object') return []
    return compareObjects(sender, reader, at, {
      compare,
      isNameAccepted: (name) => accepts(sender.names, reader.names, name),
    })
  }

  /** Equal texts, references followed. */
  const isEqual = (a: Json, b: Json, pending: WeakMap<object, Json>): boolean => {
    if (Array.isArray(a) && Array.isArray(b)) {
      return a.length === b.length && a.every((item: Json, index) => isEqual(item, b[index], pending))
    }
    if (!isJsonMap(a) || !isJsonMap(b)) return a === b
    if (pending.get(a) === b) return true
    pending.set(a, b)
    const names = Object.keys(a)
    if (names.length !== Object.keys(b).length || !names.every((name) => Object.hasOwn(b, name))) return false
    return names.every((name) => {
      const ofA = a[name] ?? null
      const ofB = b[name] ?? null
      if (name !== '$ref' || typeof ofA !== 'string' || ofA !== ofB) return isEqual(ofA, ofB, pending)
      const targetA = senders.resolve(ofA)
      const targetB = readers.resolve(ofB)
      // What another file says is compared where that file is.
      return targetA === null && targetB === null ? true : isEqual(targetA, targetB, pending)
    })
  }

  return withoutRepetitions(compare(senders.root, readers.root, ''))
}

function withoutRepetitions(differences: readonly Difference[]): readonly Difference[] {
  const unique = new Map(
    differences.map((difference) => [`${difference.path}\n${difference.message}`, difference]),
  )
  return [...unique.values()]
}

function refusalOf(shape: Shape, ofReader: readonly Shape[], { valuesOf }: ShapeReader): string {
  const values = ofReader.flatMap((other) => (other.kind === 'values' ? other.values : []))
  const ofSameType = values.filter((value) => kindOf(value) === shape.kind)
  if (ofSameType.length > 0)
    return `only ${ofSameType.map((value) => JSON.stringify(value)).join(', ')} is accepted`
  if (shape.kind === 'object' && ofReader.some(({ kind }) => kind === 'object')) {
    const told = [...shape.required].sort().flatMap((name) => {
      const own = valuesOf(shape.properties.get(name) ?? shape.additional)
      return own === null ? [] : [`${name}: ${own.map((value) => JSON.stringify(value)).join(' or ')}`]
    })
    return `no branch accepts \`${told.join(', ')}\``
  }
  const accepted = ofReader.flatMap((other) =>
    other.kind === 'values' ? other.values.map(kindOf) : [other.kind],
  )
  const types = [...new Set(accepted)].sort()
  const word = shape.kind === 'array' || shape.kind === 'object' ? 'an' : 'a'
  return `${word} ${shape.kind} is not accepted, but ${types.length > 0 ? types.join(' or ') : 'nothing'}`
}
