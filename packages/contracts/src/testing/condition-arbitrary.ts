import fc from 'fast-check'
import type { SavedGroups } from '../conditions/saved-groups.ts'
import type { JsonObject, JsonValue } from '../json.ts'

const TEXTS = ['', 'a', 'A', 'b', 'abc', 'ABC', '5', '05', 'null', 'true', 'é', 'É', 'ß', 'ſ', '👩', 'x.y']
const VERSIONS = [
  '1.2.3',
  'v1.2.3',
  '1.2.3-rc.1',
  '1.2.10',
  '1.2',
  '2.0.0+build.5',
  '99999.1.0',
  '1.2.3-9',
  '1.2.3-10',
]
const NAMES = ['a', 'b', 'tags', 'nested', '0', 'length', 'deep.er']
const PATHS = [...NAMES, 'nested.a', 'nested.b.a', 'tags.0', 'tags.length', 'missing', 'a.b', '']
const PATTERNS = [
  '^a',
  'b$',
  'a|b',
  '[a-c]+',
  '\\d+',
  '.',
  '^$',
  'null',
  '(',
  '5',
  'É',
  '\\bx\\b',
  'a{2,}',
  '/',
]
const TYPES = ['string', 'number', 'boolean', 'array', 'object', 'null', 'undefined', 'date']

const scalar: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constantFrom(...TEXTS, ...VERSIONS),
  fc.constantFrom(0, 1, 5, -1, 1.5, 1e21),
  fc.boolean(),
  fc.constant(null),
)

/** Values with which conditions and attributes meet often, because both draw from few. */
const { value } = fc.letrec<{ value: JsonValue; list: JsonValue; object: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    { weight: 5, arbitrary: scalar },
    { weight: 2, arbitrary: tie('list') },
    { weight: 2, arbitrary: tie('object') },
  ),
  list: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.dictionary(fc.constantFrom(...NAMES, 'toString'), tie('value'), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
}))

/** The keys are those that conditions name. Versions and tags are more frequent than in a value drawn blindly. */
export const attributesArbitrary: fc.Arbitrary<JsonObject> = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 5, noNullPrototype: true }),
    fc.record(
      {
        tags: fc.array(scalar, { maxLength: 4 }),
        b: fc.constantFrom(...VERSIONS),
        nested: fc.dictionary(fc.constantFrom('a', 'b'), value, { maxKeys: 2, noNullPrototype: true }),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([one, other]) => ({ ...one, ...other }))

const list = fc.array(scalar, { maxLength: 4 })
const group = fc.constantFrom('letters', 'numbers', 'nobody', 'entry', 'conditional', 'cyclic', 'unknown', '')
const { operators, condition } = fc.letrec<{
  operators: JsonObject
  operand: JsonValue
  condition: JsonObject
}>((tie) => ({
  operators: fc
    .array(
      anyOf({
        $eq: scalar,
        $ne: scalar,
        $lt: value,
        $lte: scalar,
        $gt: value,
        $gte: scalar,
        $in: list,
        $nin: fc.oneof(list, scalar),
        $ini: list,
        $nini: fc.oneof(list, scalar),
        $inGroup: group,
        $notInGroup: group,
        $all: fc.oneof(list, fc.array(tie('operand'), { maxLength: 2 }), scalar),
        $alli: list,
        $elemMatch: fc.oneof(tie('operators'), tie('condition')),
        $size: fc.oneof(fc.nat(3), tie('operand')),
        $exists: fc.constantFrom<JsonValue>(true, false, 0, 1, null, ''),
        $type: fc.constantFrom(...TYPES),
        $regex: fc.constantFrom(...PATTERNS),
        $regexi: fc.constantFrom(...PATTERNS),
        $not: tie('operand'),
        $veq: fc.constantFrom<JsonValue>(...VERSIONS, 1, null),
        $vne: fc.constantFrom(...VERSIONS),
        $vgt: fc.constantFrom(...VERSIONS),
        $vgte: fc.constantFrom<JsonValue>(...VERSIONS, 2),
        $vlt: fc.constantFrom(...VERSIONS),
        $vlte: fc.constantFrom(...VERSIONS),
        $unknown: scalar,
      }),
      { minLength: 1, maxLength: 2 },
    )
    .map((parts) => Object.assign({}, ...parts)),
  operand: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    { weight: 3, arbitrary: value },
    { weight: 6, arbitrary: tie('operators') },
  ),
  condition: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    {
      weight: 6,
      arbitrary: fc.dictionary(fc.constantFrom(...PATHS), tie('operand'), {
        minKeys: 1,
        maxKeys: 2,
        noNullPrototype: true,
      }),
    },
    { weight: 2, arbitrary: fc.record({ $and: fc.array(tie('condition'), { maxLength: 2 }) }) },
    { weight: 2, arbitrary: fc.record({ $or: fc.array(tie('condition'), { maxLength: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ $nor: fc.array(tie('condition'), { maxLength: 2 }) }) },
    { weight: 1, arbitrary: fc.record({ $not: tie('condition') }) },
    {
      weight: 1,
      arbitrary: fc.record({
        $savedGroup: fc.record(
          { id: group, attributeKey: fc.constantFrom(...PATHS) },
          { requiredKeys: ['id'] },
        ),
      }),
    },
    { weight: 1, arbitrary: fc.constant({}) },
  ),
}))

/** An object with one of the members. */
function anyOf(members: Readonly<Record<string, fc.Arbitrary<JsonValue>>>): fc.Arbitrary<JsonObject> {
  const single = Object.entries(members).map(([name, arbitrary]) =>
    arbitrary.map((operand): JsonObject => ({ [name]: operand })),
  )
  return fc.oneof(...single)
}

export const conditionArbitrary: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 3, arbitrary: condition },
  { weight: 1, arbitrary: operators.map((one) => ({ a: one })) },
  { weight: 1, arbitrary: operators.map((one) => ({ tags: one })) },
)

export const SAVED_GROUPS: SavedGroups = {
  letters: ['a', 'b', 'abc', ''],
  numbers: [0, 1, 5, '5'],
  nobody: [],
  entry: { type: 'list', attributeKey: 'a', values: ['a', 1, '1.2.3'] },
  conditional: {
    type: 'condition',
    condition: { $or: [{ a: { $exists: true } }, { tags: { $in: ['a'] } }] },
  },
  cyclic: { type: 'condition', condition: { $nor: [{ $savedGroup: { id: 'cyclic' } }, { a: 5 }] } },
}
