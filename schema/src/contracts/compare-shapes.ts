import type { SchemaNode } from './json-schema.ts'
import type { ArrayShape, Bound, NumberShape, ObjectShape, StringShape } from './shapes.ts'

/** A reason why the reader may refuse what the sender sends. */
export type Difference = {
  /** Such as `events[].kind`; empty for the message itself. */
  readonly path: string
  /** Of the reader, in the present tense, without the path. */
  readonly message: string
  /** False where it cannot be told whether there is such a message. */
  readonly isDecided: boolean
  readonly sender: SchemaNode
  readonly reader: SchemaNode
}

type Place = Omit<Difference, 'message' | 'isDecided'>
type Compare = (sender: SchemaNode, reader: SchemaNode, path: string) => readonly Difference[]

export function compareNumbers(sender: NumberShape, reader: NumberShape, at: Place): readonly Difference[] {
  const found: Difference[] = []
  const add = (message: string, isDecided = true) => found.push({ ...at, message, isDecided })
  if (reader.min !== null && !isWithin(sender.min, reader.min, 1)) {
    add(`only numbers ${reader.min.isExclusive ? 'above' : 'from'} ${reader.min.value} on are accepted`)
  }
  if (reader.max !== null && !isWithin(sender.max, reader.max, -1)) {
    add(`only numbers ${reader.max.isExclusive ? 'below' : 'up to'} ${reader.max.value} are accepted`)
  }
  if (reader.isInteger && !sender.isInteger && !sender.multiples.some(Number.isInteger)) {
    add('only integers are accepted')
  }
  for (const multiple of reader.multiples) {
    const isMet =
      sender.multiples.some((own) => own === multiple || isIntegerMultiple(own, multiple)) ||
      (multiple === 1 && sender.isInteger)
    if (!isMet) add(`only multiples of ${multiple} are accepted`, sender.multiples.length === 0)
  }
  return found
}

/** @param direction 1 for lower bounds, -1 for upper ones */
function isWithin(sender: Bound | null, reader: Bound, direction: 1 | -1): boolean {
  if (sender === null) return false
  if (sender.value === reader.value) return sender.isExclusive || !reader.isExclusive
  return (sender.value - reader.value) * direction > 0
}

/** Fractions are left out, whose remainders are not exact. */
function isIntegerMultiple(value: number, of: number): boolean {
  return Number.isSafeInteger(value) && Number.isSafeInteger(of) && value % of === 0
}

/** Texts that a pattern may refuse: one that does shows that it is stricter. */
const SAMPLES = [
  '',
  ' ',
  '~',
  'a',
  'A',
  '0',
  'é',
  'a a',
  '\n',
  'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!',
]

export function compareStrings(sender: StringShape, reader: StringShape, at: Place): readonly Difference[] {
  const found = [...compareSizes(sender, reader, at, 'characters')]
  for (const pattern of reader.patterns) {
    if (sender.patterns.includes(pattern)) continue
    const isSent = (text: string): boolean => {
      const length = [...text].length
      return (
        length >= sender.min &&
        length <= sender.max &&
        sender.formats.length === 0 &&
        sender.patterns.every((own) => matches(own, text) === true)
      )
    }
    const isDecided = SAMPLES.some((text) => isSent(text) && matches(pattern, text) === false)
    found.push({ ...at, message: `only texts that match \`${pattern}\` are accepted`, isDecided })
  }
  for (const format of reader.formats) {
    if (sender.formats.includes(format)) continue
    found.push({ ...at, message: `only texts of the format \`${format}\` are accepted`, isDecided: false })
  }
  return found
}

function matches(pattern: string, text: string): boolean | null {
  try {
    return new RegExp(pattern, 'u').test(text)
  } catch {
    return null
  }
}

export function compareArrays(
  sender: ArrayShape,
  reader: ArrayShape,
  at: Place,
  compare: Compare,
): readonly Difference[] {
  const max = sender.rest === false ? Math.min(sender.max, sender.prefix.length) : sender.max
  const found = [...compareSizes({ min: sender.min, max }, reader, at, 'items')]
  if (reader.isUnique && !sender.isUnique && max > 1) {
    found.push({ ...at, message: 'an item may not be repeated', isDecided: true })
  }
  const fixed = Math.max(sender.prefix.length, reader.prefix.length)
  for (let index = 0; index < Math.min(fixed, max); index++) {
    const own = sender.prefix[index] ?? sender.rest
    found.push(...compare(own, reader.prefix[index] ?? reader.rest, `${at.path}[${index}]`))
  }
  if (max > fixed) found.push(...compare(sender.rest, reader.rest, `${at.path}[]`))
  return found
}

export function compareObjects(
  sender: ObjectShape,
  reader: ObjectShape,
  at: Place,
  context: { readonly compare: Compare; readonly isNameAccepted: (name: string) => boolean | null },
): readonly Difference[] {
  const { compare, isNameAccepted } = context
  const found: Difference[] = []
  const add = (path: string, message: string, isDecided = true) =>
    found.push({ ...at, path, message, isDecided })
  const pathOf = (name: string): string => (at.path === '' ? name : `${at.path}.${name}`)
  /** Of a property that the sender's schema does not name. */
  const unnamed: SchemaNode = sender.saysAdditional ? sender.additional : false
  const named = new Set([...sender.properties.keys(), ...sender.required])

  for (const name of [...reader.required].sort()) {
    if (!sender.required.has(name)) add(pathOf(name), 'it is required, and can be left out by the sender')
  }
  for (const name of [...new Set([...named, ...reader.properties.keys()])].sort()) {
    const own = sender.properties.get(name) ?? (named.has(name) ? sender.additional : unnamed)
    if (own === false) continue
    const other = reader.properties.get(name) ?? reader.additional
    if (other === false) add(pathOf(name), 'the property is not accepted')
    else found.push(...compare(own, other, pathOf(name)))
    if (reader.names !== true && isNameAccepted(name) !== true) {
      add(pathOf(name), 'the name of the property is not accepted', isNameAccepted(name) === false)
    }
  }
  if (unnamed !== false) {
    if (reader.additional === false) add(at.path, 'properties that it does not name are not accepted')
    else found.push(...compare(unnamed, reader.additional, pathOf('*')))
    if (reader.names !== true) {
      found.push(...compare(bothText(sender.names), reader.names, pathOf('* (name)')))
    }
  }
  if (reader.min > Math.max(sender.min, sender.required.size))
    add(at.path, `at least ${reader.min} properties are needed`)
  if (reader.max < Math.min(sender.max, unnamed === false ? named.size : Number.POSITIVE_INFINITY)) {
    add(at.path, `at most ${reader.max} properties are accepted`)
  }
  return found
}

/** Names are always text. */
function bothText(names: SchemaNode): SchemaNode {
  return names === true ? TEXT : names
}
const TEXT: SchemaNode = { type: 'string' }

function compareSizes(
  sender: { readonly min: number; readonly max: number },
  reader: { readonly min: number; readonly max: number },
  at: Place,
  unit: string,
): readonly Difference[] {
  const found: Difference[] = []
  if (reader.min > sender.min)
    found.push({ ...at, message: `at least ${reader.min} ${unit} are needed`, isDecided: true })
  if (reader.max < sender.max)
    found.push({ ...at, message: `at most ${reader.max} ${unit} are accepted`, isDecided: true })
  return found
}
