import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ObjectShape, VALUE_KINDS } from './answer-shape.ts'
import { type ClientPart, cutsOf } from './cuts.ts'
import { Hole, type Piece, readRoot } from './read-answer.ts'

const RESULT: ObjectShape = { fields: [], end: null, holes: [], captures: 0 }

/** The shape of an object with these fields, of any values. */
function shapeOf(
  keys: readonly string[],
  parts: readonly ClientPart[],
  isResult: boolean,
): ObjectShape | null {
  const cuts = cutsOf(keys, parts, isResult)
  if (!cuts) return null
  return {
    fields: keys.map((key, index) => ({
      lead: Buffer.from(`${index === 0 ? '{' : ','}"${key}":`),
      value: { kind: VALUE_KINDS.ANY, isNonNull: false, literals: [], element: null, object: null },
      cut: cuts.before[index] ?? null,
      isCaptured: false,
    })),
    end: cuts.end,
    holes: parts.flatMap((part) =>
      part.type === 'hole' ? [{ fetch: part.hole, representation: [], result: RESULT }] : [],
    ),
    captures: 0,
  }
}

/** Reads the object as the value of the only field of the root. */
function readInside(shape: ObjectShape, object: object): readonly Piece[] | undefined {
  const inner = { saysType: false, of: () => shape }
  const bytes = Buffer.from(JSON.stringify({ data: { only: object } }))
  const root: ObjectShape = {
    fields: [
      {
        lead: Buffer.from('{"only":'),
        value: { kind: VALUE_KINDS.OBJECT, isNonNull: true, literals: [], element: null, object: inner },
        cut: { write: [], resume: 'value' },
        isCaptured: false,
      },
    ],
    end: { write: [], resume: null },
    holes: [],
    captures: 0,
  }
  return readRoot(root, { bytes, text: bytes.toString('latin1') }, () => undefined)?.[0]
}

/** With `"hole N":N` in each hole. */
function textOf(pieces: readonly Piece[], holes: readonly number[]): string {
  const open = [...holes]
  return pieces.map((piece) => (piece instanceof Hole ? `"hole ${open.shift()}":true` : piece)).join('')
}

/** Fields of an answer, and what the client gets: some of them in this order, some by another name, and holes. */
const anyObject = fc
  .uniqueArray(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 6,
  })
  .chain((keys) =>
    fc.tuple(
      fc.constant(keys),
      fc.array(fc.constantFrom('keep', 'rename', 'drop', 'hole before', 'two holes before'), {
        minLength: keys.length,
        maxLength: keys.length,
      }),
      fc.boolean(),
    ),
  )
  .map(([keys, wishes, hasHoleAtEnd]) => {
    const parts: ClientPart[] = []
    let holes = 0
    const addHole = () => parts.push({ type: 'hole', hole: holes++ })
    for (const [index, key] of keys.entries()) {
      const wish = wishes[index]
      if (wish === 'drop') continue
      if (wish === 'hole before' || wish === 'two holes before') addHole()
      if (wish === 'two holes before') addHole()
      parts.push({ type: 'own', key, clientKey: wish === 'rename' ? `${key}New` : key })
    }
    if (hasHoleAtEnd) addHole()
    const expected = parts.map((part) =>
      part.type === 'hole' ? [`hole ${part.hole}`, true] : [part.clientKey, keys.indexOf(part.key)],
    )
    return {
      keys,
      parts,
      holes: Array.from({ length: holes }, (_, hole) => hole),
      object: Object.fromEntries(keys.map((key, index) => [key, index])),
      expected: JSON.stringify(Object.fromEntries(expected)),
    }
  })

test('an object is cut so that the client gets its fields, and those of others, in its order', () => {
  fc.assert(
    fc.property(anyObject, ({ keys, parts, holes, object, expected }) => {
      const shape = shapeOf(keys, parts, false)
      if (!shape) throw new Error('not cut')
      expect(textOf(readInside(shape, object) ?? [], holes)).toBe(expected)
    }),
    { numRuns: 2_000 },
  )
})

test('what a fetch found is cut out of its braces', () => {
  fc.assert(
    fc.property(anyObject, ({ keys, parts, holes, object, expected }) => {
      const shape = shapeOf(keys, parts, true)
      if (!shape) throw new Error('not cut')
      const bytes = Buffer.from(JSON.stringify({ data: object }))
      const found = readRoot(shape, { bytes, text: bytes.toString('latin1') }, () => undefined)?.[0]
      expect(textOf(found ?? [], holes)).toBe(expected.slice(1, -1))
    }),
    { numRuns: 2_000 },
  )
})

test('the run is not cut where the client gets all, as it came', () => {
  const own = (key: string): ClientPart => ({ type: 'own', key, clientKey: key })
  expect(cutsOf(['a', 'b'], [own('a'), own('b')], false)).toEqual({ before: [null, null], end: null })
})

test('another order than that of the answer cannot be cut', () => {
  const own = (key: string): ClientPart => ({ type: 'own', key, clientKey: key })
  expect(cutsOf(['a', 'b'], [own('b'), own('a')], false)).toBeNull()
  expect(cutsOf(['a'], [own('a'), own('b')], false)).toBeNull()
})
