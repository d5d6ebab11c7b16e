import { suggestionList } from '@apollo/federation-internals'
import { isRecord, parseJson } from '@bulkhead/service/json'
import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { z } from 'zod'
import { CannotCheckError, cannotCheck, type Problem, wholeFile } from '../model/cannot-check.ts'
import type { SourceFile, SourceLocation } from '../model/source.ts'

export type ValuePath = readonly PropertyKey[]

/** A value of a YAML or JSON file, and where its parts stand. */
export type LocatedValue = {
  readonly value: unknown
  /** Where the value of a path stands or, for a path that leads to nothing, the last part of it that there is. */
  locate(path: ValuePath): SourceLocation
  /** The same, of the key in front of the value. */
  locateKey(path: ValuePath): SourceLocation
}

/**
 * @param syntax `json` refuses what YAML allows beyond JSON
 * @throws CannotCheckError with every error of the syntax
 */
export function parseLocated(file: SourceFile, syntax: 'yaml' | 'json'): LocatedValue {
  const lines = new LineCounter()
  const document = parseDocument(file.text, {
    lineCounter: lines,
    prettyErrors: false,
    ...(syntax === 'json' && { schema: 'json' }),
  })

  function at(offset: number): SourceLocation {
    const { line, col } = lines.linePos(offset)
    return { file: file.path, line: Math.max(line, 1), column: Math.max(col, 1) }
  }

  const problems: Problem[] = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    location: at(pos[0]),
    message: code === 'DUPLICATE_KEY' ? 'The key stands here twice' : message.replace(/\.$/, ''),
    expected: code === 'DUPLICATE_KEY' ? 'each key once' : `a ${syntax.toUpperCase()} file`,
  }))
  if (problems.length > 0) throw new CannotCheckError(problems)

  function nodeAt(path: ValuePath, wants: 'key' | 'value'): Node | null {
    let node: unknown = document.contents
    let last: Node | null = isNode(node) ? node : null
    for (const [index, step] of path.entries()) {
      const pair = isMap(node)
        ? node.items.find(({ key }) => isScalar(key) && String(key.value) === step)
        : null
      node = isSeq(node) ? node.items[Number(step)] : isPair(pair) ? pair.value : null
      const key = isPair(pair) && isNode(pair.key) ? pair.key : null
      if (wants === 'key' && index === path.length - 1 && key !== null) return key
      if (isNode(node) && !(isScalar(node) && node.value === null)) last = node
      else if (key !== null) last = key
      if (!isNode(node)) break
    }
    return last
  }

  function locate(path: ValuePath, wants: 'key' | 'value'): SourceLocation {
    const start = nodeAt(path, wants)?.range?.[0]
    return start === undefined ? wholeFile(file.path) : at(start)
  }

  return {
    value: toValue(file, document),
    locate: (path) => locate(path, 'value'),
    locateKey: (path) => locate(path, 'key'),
  }
}

/** Parses JSON, fast; places are looked for where they are asked for. @throws CannotCheckError where it is not JSON */
export function parseJsonFile(file: SourceFile): LocatedValue {
  const value = parseJson(file.text)
  let located: LocatedValue | null = null
  const places = () => {
    located ??= parseLocated(file, 'json')
    return located
  }
  if (value === undefined) {
    // JSON is YAML, and where that can be read all the same the file is wrong as a whole.
    places()
    cannotCheck('The file is not JSON', 'a JSON file', wholeFile(file.path))
  }
  return { value, locate: (path) => places().locate(path), locateKey: (path) => places().locateKey(path) }
}

function toValue(file: SourceFile, document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS()
  } catch (error) {
    // Aliases that multiply, or that lead to nothing.
    const message = error instanceof Error ? error.message : String(error)
    const problem = { message, expected: 'a file without such aliases', location: wholeFile(file.path) }
    throw new CannotCheckError([problem])
  }
}

/**
 * Checks a value against what it should be. A schema's own messages complete "Expected: …".
 * @throws CannotCheckError with everything that is wrong
 */
export function readShape<T>(located: LocatedValue, schema: z.ZodType<T>): T {
  const result = schema.safeParse(located.value, { reportInput: true })
  if (result.success) return result.data
  throw new CannotCheckError(result.error.issues.flatMap((issue) => problemsOf(issue, located, schema)))
}

function problemsOf(issue: z.core.$ZodIssue, located: LocatedValue, schema: z.ZodType): readonly Problem[] {
  const name = issue.path.length === 0 ? 'The file' : `\`${printPath(issue.path)}\``
  if (issue.code === 'unrecognized_keys') {
    const keys = keysAt(schema, issue.path)
    return issue.keys.map((key) => ({
      location: located.locateKey([...issue.path, key]),
      message: `\`${printPath([...issue.path, key])}\` is not known`,
      expected: nearest(key, keys),
    }))
  }
  const location = located.locate(issue.path)
  if (issue.input === undefined || issue.input === null) {
    return [{ location, message: `${name} is missing`, expected: expectedBy(issue) }]
  }
  return [{ location, message: `${name} is ${shown(issue.input)}`, expected: expectedBy(issue) }]
}

function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected
    case 'invalid_value': {
      const values = issue.values.map(String)
      return typeof issue.input === 'string' ? nearest(issue.input, values) : oneOf(values)
    }
    case 'invalid_key':
      return issue.issues.map(({ message }) => message).join(', ')
    default:
      return issue.message
  }
}

const TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'a mapping of keys to values',
  record: 'a mapping of names to values',
  string: 'a text',
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (isRecord(value)) return 'a mapping'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function nearest(written: string, known: readonly string[]): string {
  const [suggestion] = suggestionList(written, [...known])
  return suggestion === undefined ? oneOf(known) : `\`${suggestion}\``
}

/** For messages: `a`, `b` or `c`. */
export function oneOf(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``)
  const last = quoted.at(-1) ?? 'nothing'
  return quoted.length < 2 ? last : `${quoted.slice(0, -1).join(', ')} or ${last}`
}

function printPath(path: ValuePath): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${String(step)}`))
    .join('')
}

/** The keys that a schema knows at a path, found in its JSON Schema, whose form is published. */
function keysAt(schema: z.ZodType, path: ValuePath): readonly string[] {
  let node: unknown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  for (const step of path) {
    if (!isRecord(node)) return []
    const { properties, additionalProperties, items } = node
    node =
      typeof step === 'number'
        ? items
        : isRecord(properties)
          ? properties[String(step)]
          : additionalProperties
  }
  return isRecord(node) && isRecord(node.properties) ? Object.keys(node.properties) : []
}
