import { type Cut, type FieldShape, type ObjectShape, VALUE_KINDS, type ValueShape } from './answer-shape.ts'
import {
  endOfBoolean,
  endOfInt,
  endOfNumber,
  endOfString,
  endOfValue,
  NOT_THERE,
  NULL,
  standsAt,
} from './json-bytes.ts'

const DATA = Buffer.from('{"data":')
const DATA_OBJECT = Buffer.from('{"data":{')
const ENTITIES = Buffer.from('{"data":{"_entities":[')
const ENTITIES_END = Buffer.from(']}}')
const TYPENAME = Buffer.from('{"__typename":')
const LIST_BEGIN = 0x5b
const LIST_END = 0x5d
const OBJECT_END = 0x7d
const COMMA = 0x2c
const BACKSLASH = 0x5c
const QUOTE = 0x22

const NO_TEXTS: string[] = []
const NO_HOLES: Hole[] = []

/** A part of the client's answer: text, each of whose characters stands for one byte of UTF-8. */
export type Piece = string | Hole

/** Where the fields of another fetch go. */
export class Hole {
  /** Null until the fetch is answered. */
  pieces: readonly Piece[] | null = null
}

/** Whether the bytes can be an answer as it should be: a first look. */
export function beginsAsAnswer(bytes: Uint8Array): boolean {
  return standsAt(DATA_OBJECT, bytes, 0)
}

/** Told of each hole in an object that was read, with the text of the object's representation. */
export type OnHole = (fetch: number, representation: string, result: ObjectShape, hole: Hole) => void

/**
 * Reads an answer with the fields of the root.
 * @returns what the client gets of it, as the only element; null where it is not as expected
 */
export function readRoot(
  shape: ObjectShape,
  answer: ReadableAnswer,
  onHole: OnHole,
): readonly (readonly Piece[])[] | null {
  const { bytes } = answer
  if (!standsAt(DATA, bytes, 0)) return null
  const reading = new Reading(answer, DATA.length, onHole)
  if (!readObject(shape, reading)) return null
  return bytes[reading.at] === OBJECT_END && reading.at + 1 === bytes.length ? [reading.pieces] : null
}

/**
 * Reads an answer with entities: one for each that was asked for, in this order.
 * @returns what the client gets of each; null where it is not as expected
 */
export function readEntities(
  asked: readonly { readonly result: ObjectShape }[],
  answer: ReadableAnswer,
  onHole: OnHole,
): readonly (readonly Piece[])[] | null {
  const { bytes } = answer
  if (!standsAt(ENTITIES, bytes, 0)) return null
  let at = ENTITIES.length
  const entities: (readonly Piece[])[] = []
  for (const { result } of asked) {
    if (entities.length > 0) {
      if (bytes[at] !== COMMA) return null
      at += 1
    }
    const reading = new Reading(answer, at, onHole)
    if (!readObject(result, reading)) return null
    at = reading.at
    entities.push(reading.pieces)
  }
  return standsAt(ENTITIES_END, bytes, at) && at + ENTITIES_END.length === bytes.length ? entities : null
}

/** An answer as bytes, of which each is a character of the text. Bytes are faster to read, texts to keep and to put together. */
export type ReadableAnswer = { readonly bytes: Buffer; readonly text: string }

class Reading {
  readonly bytes: Buffer
  readonly text: string
  at: number
  readonly onHole: OnHole
  readonly pieces: Piece[] = []
  /** Where the run began of what goes to the client as it is; negative where there is none. */
  runFrom = -1

  constructor(answer: ReadableAnswer, at: number, onHole: OnHole) {
    this.bytes = answer.bytes
    this.text = answer.text
    this.at = at
    this.onHole = onHole
  }
}

function readObject(shape: ObjectShape, reading: Reading): boolean {
  const { fields, end } = shape
  const captured: string[] = shape.captures > 0 ? [] : NO_TEXTS
  const holes: Hole[] = shape.holes.length > 0 ? [] : NO_HOLES
  for (let index = 0; index < fields.length; index += 1) {
    const { lead, value, cut, isCaptured } = fields[index] as FieldShape
    if (!standsAt(lead, reading.bytes, reading.at)) return false
    if (cut !== null) apply(cut, reading, lead.length, holes)
    reading.at += lead.length
    const from = reading.at
    if (!readValue(value, reading)) return false
    if (isCaptured) {
      const text = captureOf(reading, from)
      if (text === null) return false
      captured.push(text)
    }
  }
  if (reading.bytes[reading.at] !== OBJECT_END) return false
  if (end !== null) apply(end, reading, 1, holes)
  reading.at += 1
  for (let index = 0; index < shape.holes.length; index += 1) {
    const { fetch, representation, result } = shape.holes[index] as ObjectShape['holes'][number]
    let text = ''
    for (const part of representation) text += typeof part === 'string' ? part : (captured[part] as string)
    reading.onHole(fetch, text, result, holes[index] as Hole)
  }
  return true
}

/** @param length of what stands at this place: the next run begins at its second byte, or behind it */
function apply({ write, resume }: Cut, reading: Reading, length: number, holes: Hole[]): void {
  const { text, at, pieces, runFrom } = reading
  if (runFrom >= 0) pieces.push(text.slice(runFrom, at))
  for (const part of write) {
    if (typeof part !== 'number') pieces.push(part)
    else {
      const hole = new Hole()
      holes[part] = hole
      pieces.push(hole)
    }
  }
  reading.runFrom = resume === null ? -1 : resume === 'key' ? at + 1 : at + length
}

function readValue(shape: ValueShape, reading: Reading): boolean {
  const { bytes, at } = reading
  const end = endOf(shape, reading)
  if (end !== NOT_THERE) {
    reading.at = end
    return true
  }
  if (shape.isNonNull || !standsAt(NULL, bytes, at)) return false
  reading.at = at + NULL.length
  return true
}

function endOf(shape: ValueShape, reading: Reading): number {
  const { bytes, at } = reading
  switch (shape.kind) {
    case VALUE_KINDS.STRING:
      return endOfString(bytes, at)
    case VALUE_KINDS.INT:
      return endOfInt(bytes, at)
    case VALUE_KINDS.FLOAT:
      return endOfNumber(bytes, at)
    case VALUE_KINDS.BOOLEAN:
      return endOfBoolean(bytes, at)
    case VALUE_KINDS.ENUM:
    case VALUE_KINDS.TYPENAME:
      for (const literal of shape.literals) if (standsAt(literal, bytes, at)) return at + literal.length
      return NOT_THERE
    case VALUE_KINDS.ANY:
      return shape.isNonNull && standsAt(NULL, bytes, at) ? NOT_THERE : endOfValue(bytes, at)
    case VALUE_KINDS.LIST:
      return readList(shape.element as ValueShape, reading) ? reading.at : NOT_THERE
    case VALUE_KINDS.OBJECT: {
      const object = objectAt(shape, reading)
      return object !== null && readObject(object, reading) ? reading.at : NOT_THERE
    }
  }
}

function readList(element: ValueShape, reading: Reading): boolean {
  const { bytes } = reading
  if (bytes[reading.at] !== LIST_BEGIN) return false
  reading.at += 1
  if (bytes[reading.at] === LIST_END) {
    reading.at += 1
    return true
  }
  for (;;) {
    if (!readValue(element, reading)) return false
    const byte = bytes[reading.at]
    if (byte !== COMMA && byte !== LIST_END) return false
    reading.at += 1
    if (byte === LIST_END) return true
  }
}

function objectAt({ object }: ValueShape, { bytes, at }: Reading): ObjectShape | null {
  if (object === null) return null
  if (!object.saysType) return object.of(null)
  if (!standsAt(TYPENAME, bytes, at)) return null
  const from = at + TYPENAME.length
  const end = endOfString(bytes, from)
  return end === NOT_THERE ? null : object.of(bytes.toString('latin1', from + 1, end - 1))
}

/**
 * The text of a value that represents an object. Null for one that can be written in several ways: objects are told apart by
 * these texts.
 */
function captureOf({ bytes, at }: Reading, from: number): string | null {
  const isString = bytes[from] === QUOTE
  if (isString && bytes.subarray(from, at).includes(BACKSLASH)) return null
  const text = bytes.toString('utf8', from, at)
  return isString || PLAIN.test(text) ? text : null
}

const PLAIN = /^(?:0|-?[1-9]\d{0,14}|true|false|null)$/
