import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareSchemas } from './compare-schemas.ts'
import { createSchemaDocument, isJsonMap, type Json, type JsonMap, type SchemaNode } from './json-schema.ts'

function differences(sender: SchemaNode, reader: SchemaNode): string[] {
  return compareSchemas(createSchemaDocument(sender, '2020-12'), createSchemaDocument(reader, '2020-12')).map(
    ({ isDecided, path, message }) => `${isDecided ? 'breaks' : 'unclear'} ${path}: ${message}`,
  )
}

const A: JsonMap = { type: 'string' }

function object(properties: JsonMap, required: string[] = [], more: JsonMap = {}): JsonMap {
  return { type: 'object', properties, required, ...more }
}

function byKind(...branches: JsonMap[]): JsonMap {
  return { oneOf: branches }
}

function kind(name: string, properties: JsonMap = {}, required: string[] = []): JsonMap {
  return object({ kind: { const: name }, ...properties }, ['kind', ...required])
}

describe('what every reader of a message can read', () => {
  test.each<[string, SchemaNode, SchemaNode]>([
    ['the same', object({ a: A }), object({ a: A })],
    ['an optional property that is new', object({ a: A }), object({ a: A, b: A })],
    ['a property that an open reader does not name', object({ a: A, b: A }), object({ a: A })],
    ['what is required no more', object({ a: A }, ['a']), object({ a: A })],
    ['a wider type', { type: 'integer' }, { type: 'number' }],
    ['one that may be null now', A, { type: ['string', 'null'] }],
    ['one that may be null now, as OpenAPI writes it', A, { type: 'string', nullable: true }],
    ['one that may be null now, as zod writes it', A, { anyOf: [A, { type: 'null' }] }],
    ['a value of an enum that became text', { enum: ['a', 'b'] }, A],
    ['an enum with more values', { enum: ['a'] }, { enum: ['b', 'a'] }],
    [
      'wider bounds',
      { type: 'number', exclusiveMinimum: 1, maximum: 5 },
      { type: 'number', minimum: 1, exclusiveMaximum: 6 },
    ],
    ['longer text', { type: 'string', minLength: 2, maxLength: 5 }, { type: 'string', maxLength: 6 }],
    [
      'text of one of several patterns',
      { type: 'string', allOf: [{ pattern: 'a' }, { pattern: 'b' }] },
      { type: 'string', pattern: 'b' },
    ],
    ['another branch', byKind(kind('a')), byKind(kind('a'), kind('b'))],
    ['what moved to $defs', object({ a: A }), object({ a: { $ref: '#/$defs/a' } }, [], { $defs: { a: A } })],
    ['a recursive schema that got wider', list({ type: 'integer' }), list({ type: 'number' })],
    ['a tuple', { type: 'array', prefixItems: [A], items: false }, { type: 'array', items: A, maxItems: 1 }],
    [
      'a map',
      { type: 'object', additionalProperties: { type: 'integer' } },
      { type: 'object', additionalProperties: { type: 'number' } },
    ],
    [
      'an unchanged keyword that nothing is known of',
      { not: { const: 1 }, title: 'a' },
      { not: { const: 1 } },
    ],
    ['values whose format stays', { enum: ['a'], format: 'x' }, { enum: ['a', 'b'], format: 'x' }],
    [
      'values that stay of a map whose names have a format',
      { type: 'object', propertyNames: { format: 'x' }, properties: { a: { const: 1 } } },
      { type: 'object', propertyNames: { format: 'x' }, properties: { a: { enum: [1, 2] } } },
    ],
    ['another annotation', { ...A, title: 'a', 'x-owner': 'b' }, { ...A, default: 'a', 'x-owner': 'c' }],
    ['a keyword that nobody knows and that stays', { ...A, odd: 1 }, { ...A, odd: 1, title: 'a' }],
    [
      'schemas that stand where nobody looks for them',
      { $ref: '#/components/a', components: { a: { type: 'integer' } } },
      { $ref: '#/components/a', components: { a: { type: 'number' } } },
    ],
    ['a reference to another file', { $ref: 'other.json', title: 'a' }, { title: 'a', $ref: 'other.json' }],
  ])('%s', (_what, sender, reader) => expect(differences(sender, reader)).toEqual([]))
})

describe('what a reader cannot read', () => {
  test.each<[string, SchemaNode, SchemaNode, string]>([
    [
      'a property that became required',
      object({ a: A }),
      object({ a: A }, ['a']),
      'breaks a: it is required, and can be left out by the sender',
    ],
    [
      'a new required property',
      object({}),
      object({ b: A }, ['b']),
      'breaks b: it is required, and can be left out by the sender',
    ],
    [
      'a property that a closed reader does not name',
      object({ a: A, b: A }),
      object({ a: A }, [], { additionalProperties: false }),
      'breaks b: the property is not accepted',
    ],
    [
      'any property, where a closed reader names all',
      object({ a: A }, [], { additionalProperties: true }),
      object({ a: A }, [], { additionalProperties: false }),
      'breaks : properties that it does not name are not accepted',
    ],
    [
      'any property, where a new one has a type',
      object({}, [], { additionalProperties: true }),
      object({ a: A }),
      'breaks a: the value null is not accepted',
    ],
    ['a narrower type', { type: 'number' }, { type: 'integer' }, 'breaks : only integers are accepted'],
    ['another type', A, { type: 'integer' }, 'breaks : a string is not accepted, but number'],
    ['null', { type: ['string', 'null'] }, A, 'breaks : the value null is not accepted'],
    [
      'null, as OpenAPI writes it',
      { type: 'string', nullable: true },
      A,
      'breaks : the value null is not accepted',
    ],
    [
      'a value that left an enum',
      { enum: ['a', 'b'] },
      { enum: ['a'] },
      'breaks : the value "b" is not accepted',
    ],
    ['another constant', { const: 1 }, { const: 2 }, 'breaks : the value 1 is not accepted'],
    ['any text where an enum is read', A, { enum: ['a'] }, 'breaks : only "a" is accepted'],
    [
      'smaller numbers',
      { type: 'number', minimum: 1 },
      { type: 'number', exclusiveMinimum: 1 },
      'breaks : only numbers above 1 on are accepted',
    ],
    [
      'larger numbers',
      { type: 'number' },
      { type: 'number', maximum: 1 },
      'breaks : only numbers up to 1 are accepted',
    ],
    [
      'numbers between multiples',
      { type: 'integer' },
      { type: 'integer', multipleOf: 5 },
      'breaks : only multiples of 5 are accepted',
    ],
    ['longer text', A, { type: 'string', maxLength: 5 }, 'breaks : at most 5 characters are accepted'],
    [
      'fewer items',
      { type: 'array' },
      { type: 'array', minItems: 1 },
      'breaks : at least 1 items are needed',
    ],
    [
      'repeated items',
      { type: 'array' },
      { type: 'array', uniqueItems: true },
      'breaks : an item may not be repeated',
    ],
    [
      'items of another type',
      { type: 'array', items: A },
      { type: 'array', items: { type: 'null' } },
      'breaks []: a string is not accepted, but null',
    ],
    [
      'a branch that is gone',
      byKind(kind('a'), kind('b')),
      byKind(kind('a')),
      'breaks : no branch accepts `kind: "b"`',
    ],
    [
      'a branch that asks for more',
      byKind(kind('a'), kind('b')),
      byKind(kind('a'), kind('b', { x: A }, ['x'])),
      'breaks x: it is required, and can be left out by the sender',
    ],
    [
      'names that it does not accept',
      object({ ab: A }),
      { type: 'object', propertyNames: { maxLength: 1 } },
      'breaks ab: the name of the property is not accepted',
    ],
    [
      'a recursive schema that got narrower',
      list({ type: 'number' }),
      list({ type: 'integer' }),
      'breaks next.value: only integers are accepted',
    ],
    [
      'any text where a pattern is read',
      A,
      { type: 'string', pattern: '^[a-z]+$' },
      'breaks : only texts that match `^[a-z]+$` are accepted',
    ],
    [
      'text of another pattern',
      { type: 'string', pattern: '^[0-9]{3}$' },
      { type: 'string', pattern: '^[0-9]+$' },
      'unclear : only texts that match `^[0-9]+$` are accepted',
    ],
    [
      'text of a format',
      A,
      { type: 'string', format: 'uri' },
      'unclear : only texts of the format `uri` are accepted',
    ],
    [
      'values, where a format is read',
      { enum: ['a', 'b'] },
      { enum: ['a', 'b'], format: 'uri' },
      'unclear : it cannot be told whether the value "a" is accepted',
    ],
    [
      'a value, where another format is read',
      { const: 'a', format: 'x' },
      { const: 'a', format: 'y' },
      'unclear : it cannot be told whether the value "a" is accepted',
    ],
    [
      'values with members, where one has a format',
      { enum: [{ a: 'b' }] },
      object({ a: { type: 'string', format: 'x' } }),
      'unclear : it cannot be told whether the value {"a":"b"} is accepted',
    ],
    [
      'a value, where a format is read that the sender excludes',
      { const: 'a', not: { format: 'x' } },
      { const: 'a', format: 'x' },
      'unclear : it cannot be told whether the value "a" is accepted',
    ],
    [
      'names, where a format is read',
      object({ a: A }),
      { ...object({ a: A }), propertyNames: { format: 'x' } },
      'unclear a: the name of the property is not accepted',
    ],
    [
      'numbers of another format',
      { type: 'integer', format: 'int64' },
      { type: 'integer', format: 'int32' },
      'unclear : what `format` says cannot be compared',
    ],
    [
      'text of an encoding',
      A,
      { type: 'string', contentEncoding: 'base64' },
      'unclear : what `contentEncoding` says cannot be compared',
    ],
    ['what nobody knows', A, { type: 'string', odd: 1 }, 'unclear : what `odd` says cannot be compared'],
    [
      'a value beside what nobody knows',
      { type: 'boolean' },
      { type: 'boolean', odd: 1 },
      'unclear : it cannot be told whether the value false is accepted',
    ],
    [
      'a property that became required, beside what nobody knows',
      object({ a: A }, [], { odd: 1 }),
      object({ a: A }, ['a'], { odd: 1 }),
      'breaks a: it is required, and can be left out by the sender',
    ],
    [
      'what `not` says',
      A,
      { type: 'string', not: { const: 'a' } },
      'unclear : what `not` says cannot be compared',
    ],
    [
      'repeated items, in parts',
      { allOf: [{ type: 'array' }, { maxItems: 5 }] },
      { type: 'array', uniqueItems: true },
      'breaks : an item may not be repeated',
    ],
    [
      'numbers beyond a bound, in parts',
      { allOf: [{ type: 'number', maximum: 5 }, { maximum: 7 }] },
      { type: 'number', maximum: 4 },
      'breaks : only numbers up to 4 are accepted',
    ],
    [
      'properties by pattern',
      object({ a: A }),
      { type: 'object', patternProperties: { a: A } },
      'unclear : something changed that is too complex to compare',
    ],
    [
      'branches that overlap',
      { anyOf: [A] },
      { oneOf: [{ type: 'string', maxLength: 3 }, A] },
      'unclear : what `oneOf` says cannot be compared',
    ],
    [
      'a reference to nothing',
      A,
      { $ref: '#/$defs/none' },
      'unclear : something changed that is too complex to compare',
    ],
  ])('%s', (_what, sender, reader, expected) => expect(differences(sender, reader)).toContain(expected))
})

test('a pair that fails in one branch fails in the next one too', () => {
  const inner = { $ref: '#/$defs/inner' }
  const defs = (value: JsonMap) => ({ inner: object({ value }, ['value']) })
  const sender = { ...object({ x: inner, y: A }), $defs: defs({ type: 'number' }) }
  const reader = {
    anyOf: [object({ x: inner, y: { type: 'null' } }), object({ x: inner, y: A })],
    $defs: defs({ type: 'integer' }),
  }
  expect(differences(sender, reader)).not.toEqual([])
})

/** A linked list. */
function list(value: JsonMap): JsonMap {
  const entry = object({ next: { $ref: '#/$defs/entry' }, value }, ['value'])
  return { $ref: '#/$defs/entry', $defs: { entry } }
}

const texts = fc.constantFrom('', 'a', 'b', 'ab', 'abc')
const numbers = fc.constantFrom(-1, 0, 1, 1.5, 2, 3, 4)
const scalars = fc.oneof(texts, numbers, fc.boolean(), fc.constant(null))
const names = fc.constantFrom('a', 'b', 'kind')
function optional<T>(arbitrary: fc.Arbitrary<T>) {
  return fc.option(arbitrary, { nil: undefined, freq: 2 })
}

/** Without the members that are undefined. */
function defined(members: Readonly<Record<string, unknown>>): JsonMap {
  return JSON.parse(JSON.stringify(members))
}

const { schema } = fc.letrec<{ schema: SchemaNode }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .record({
        type: fc.constantFrom('number', 'integer'),
        minimum: optional(numbers),
        exclusiveMaximum: optional(numbers),
        maximum: optional(numbers),
        multipleOf: optional(fc.constantFrom(1, 2, 0.5)),
      })
      .map(defined),
    fc
      .record({
        type: fc.constant('string'),
        minLength: optional(fc.nat(2)),
        maxLength: optional(fc.nat(3)),
        pattern: optional(fc.constantFrom('a', '^a', '^[ab]*$')),
      })
      .map(defined),
    fc.uniqueArray(scalars, { minLength: 1, maxLength: 3 }).map((values) => ({ enum: values })),
    scalars.map((value) => ({ const: value })),
    fc.constantFrom<SchemaNode>(
      { type: 'null' },
      { type: 'boolean' },
      true,
      { type: ['string', 'null'] },
      { type: 'number', nullable: true },
      { $ref: '#/$defs/shared' },
    ),
    fc
      .record({
        type: fc.constant('array'),
        items: optional(tie('schema')),
        prefixItems: optional(fc.array(tie('schema'), { minLength: 1, maxLength: 2 })),
        minItems: optional(fc.nat(2)),
        maxItems: optional(fc.nat(2)),
        uniqueItems: optional(fc.boolean()),
      })
      .map(defined),
    ...[0, 1].map(() =>
      fc
        .record({
          type: fc.constant('object'),
          properties: fc.dictionary(names, tie('schema'), { maxKeys: 3 }),
          required: fc.uniqueArray(names, { maxLength: 2 }),
          additionalProperties: optional(fc.oneof(fc.boolean(), tie('schema'))),
          propertyNames: optional(fc.constantFrom({ maxLength: 1 }, { enum: ['a', 'b'] })),
          minProperties: optional(fc.nat(1)),
          maxProperties: optional(fc.nat(3)),
        })
        .map(defined),
    ),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((oneOf) => ({ oneOf })),
    fc.array(tie('schema'), { minLength: 1, maxLength: 2 }).map((allOf) => ({ allOf })),
    fc
      .tuple(tie('schema'), tie('schema'))
      .map(([base, not]) => (isJsonMap(base) ? { ...base, not } : { not })),
  ),
}))

/** A change somewhere in a schema: a keyword is dropped, or a part replaced. */
type Edit = { readonly at: number; readonly part: SchemaNode | null }

function edit(node: Json, { at, part }: Edit): Json {
  const places: (readonly (string | number)[])[] = []
  const visit = (value: Json, path: readonly (string | number)[]): void => {
    if (path.length > 0) places.push(path)
    if (Array.isArray(value)) value.forEach((item: Json, index) => void visit(item, [...path, index]))
    else if (isJsonMap(value))
      for (const [key, member] of Object.entries(value)) visit(member, [...path, key])
  }
  visit(node, [])
  const path = places[at % Math.max(1, places.length)] ?? []
  const change = (value: Json, [step, ...rest]: readonly (string | number)[]): Json => {
    if (step === undefined) return value
    if (Array.isArray(value)) {
      return value.flatMap((item: Json, index) => {
        if (index !== step) return [item]
        if (rest.length > 0) return [change(item, rest)]
        return part === null || value.length < 2
          ? [item]
          : value.every((one: Json) => isJsonMap(one))
            ? [part]
            : []
      })
    }
    if (!isJsonMap(value)) return value
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, member]): [string, Json][] => {
        if (key !== step) return [[key, member]]
        if (rest.length > 0) return [[key, change(member, rest)]]
        if (isJsonMap(member) && part !== null && !['properties', '$defs'].includes(key)) return [[key, part]]
        return key === '$defs' ? [[key, member]] : []
      }),
    )
  }
  return change(node, path)
}

const documents = fc
  .tuple(schema, schema)
  .map(([root, shared]): JsonMap => ({ ...(isJsonMap(root) ? root : { allOf: [root] }), $defs: { shared } }))
const edits = fc.array(fc.record({ at: fc.nat(40), part: fc.option(schema) }), { minLength: 1, maxLength: 2 })
const pairs = fc.oneof(
  { weight: 1, arbitrary: fc.tuple(documents, documents) },
  {
    weight: 5,
    arbitrary: fc.tuple(documents, edits, fc.boolean()).map(([before, changes, isReversed]) => {
      const after = changes.reduce<Json>(edit, before)
      return (isReversed ? [after, before] : [before, after]) as [JsonMap, JsonMap]
    }),
  },
)

/** JSON of the vocabulary that the schemas are about. */
const { value: messages } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalars,
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    fc.dictionary(names, scalars, { maxKeys: 3, noNullPrototype: true }),
  ),
}))

/** Forbids, wherever a value is described, the properties that are named nowhere and that nothing was said about. */
function closed(node: Json, isPlace: boolean): Json {
  if (!isJsonMap(node)) return node
  const entries = Object.entries(node).map(([key, member]): [string, Json] => {
    if (key === 'properties' && isJsonMap(member)) {
      return [key, Object.fromEntries(Object.entries(member).map(([name, one]) => [name, closed(one, true)]))]
    }
    if (key === '$defs' && isJsonMap(member)) {
      return [
        key,
        Object.fromEntries(Object.entries(member).map(([name, one]) => [name, closed(one, false)])),
      ]
    }
    if (key === 'items' || key === 'additionalProperties') return [key, closed(member, true)]
    if (key === 'prefixItems' && Array.isArray(member))
      return [key, member.map((one: Json) => closed(one, true))]
    if (['anyOf', 'oneOf', 'allOf'].includes(key) && Array.isArray(member)) {
      return [key, member.map((one: Json) => closed(one, false))]
    }
    return [key, member]
  })
  const result = Object.fromEntries(entries)
  return isPlace && !('unevaluatedProperties' in result)
    ? { ...result, unevaluatedProperties: false }
    : result
}

/** null for a value that has no answer, because the schema refers to itself at the same place. */
function validator(node: Json): (value: Json) => boolean | null {
  const ajv = new Ajv2020({ strict: false, logger: false, meta: false, validateSchema: false })
  try {
    const validate = ajv.compile(node as JsonMap)
    return (value) => {
      try {
        return validate(value)
      } catch {
        return null
      }
    }
  } catch {
    return () => null
  }
}

const RUNS = 400

test('nothing that is called readable is refused by a reader', { timeout: 120_000 }, () => {
  let readable = 0
  let sent = 0
  fc.assert(
    fc.property(pairs, fc.array(messages, { minLength: 20, maxLength: 40 }), ([sender, reader], values) => {
      const isSent = validator(closed(sender, true))
      const isRead = validator(reader)
      if (differences(sender, reader).length > 0) return
      readable++
      for (const value of values) {
        const isReadable = isRead(value)
        if (!isSent(value) || isReadable === null) continue
        sent++
        expect(
          isReadable,
          `${JSON.stringify(value)} of ${JSON.stringify(sender)} for ${JSON.stringify(reader)}`,
        ).toBe(true)
      }
    }),
    { numRuns: RUNS },
  )
  // The property says nothing if hardly anything is readable or sent.
  expect(readable).toBeGreaterThan(60)
  expect(sent).toBeGreaterThan(200)
})
