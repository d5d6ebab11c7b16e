import { suggestionList } from '@apollo/federation-internals'
import { isRecord, parseJson } from '@bulkhead/service/json'
import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml'
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

  const errors = [...document.errors, ...document.warnings]
  const repeated = errors.filter(({ code }) => code === 'DUPLICATE_KEY')
  // One mistake makes the parser find several.
  const [wrong] = errors.filter(({ code }) => code !== 'DUPLICATE_KEY')
  const problems = repeated.map(
    ({ pos }): Problem => ({
      location: at(pos[0]),
      message: 'The key stands here a second time',
      expected: 'each key once',
    }),
  )
  if (wrong !== undefined) {
    const message = syntax === 'json' ? 'This is not JSON' : wrong.message.replace(/\.$/, '')
    problems.push({ location: at(wrong.pos[0]), message, expected: `a ${syntax.toUpperCase()} file` })
  }
  // zod leaves it out of a mapping of names, and says nothing.
  if (syntax === 'yaml') {
    visit(document, {
      Pair(_, { key }) {
        if (!isScalar(key) || key.value !== '__proto__') return
        const message = 'The key cannot be `__proto__`'
        problems.push({ location: at(key.range?.[0] ?? 0), message, expected: 'another name' })
      },
    })
  }
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

export function toValue(file: SourceFile, document: ReturnType<typeof parseDocument>): unknown {
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
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, located, schema))
  throw new CannotCheckError(problems.toSorted(byPlace))
}

function byPlace(a: Problem, b: Problem): number {
  const [from, to] = [a.location, b.location]
  return (from?.line ?? 0) - (to?.line ?? 0) || (from?.column ?? 0) - (to?.column ?? 0)
}

function problemsOf(issue: z.core.$ZodIssue, located: LocatedValue, schema: z.ZodType): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const keys = keysAt(schema, issue.path)
    return issue.keys.map((key) => ({
      location: located.locateKey([...issue.path, key]),
      message: `\`${printPath([...issue.path, key])}\` is not known`,
      expected: nearest(key, keys),
    }))
  }
  return [{ location: located.locate(issue.path), ...describeIssue(issue) }]
}

/**
 * What is wrong with a value, in words.
 * @param whole what the value itself is called
 */
export function describeIssue(
  issue: z.core.$ZodIssue,
  whole = 'The file',
): Pick<Problem, 'message' | 'expected'> {
  const { path } = issue
  const name = path.length === 0 ? whole : `\`${printPath(path)}\``
  const input = inputOf(issue)
  const expected = expectedBy(issue)
  if (path.length > 0 && (input === undefined || input === null)) {
    return { message: `${name} is missing`, expected }
  }
  const isEmptyFile = input === undefined || (input === null && whole === 'The file')
  return { message: `${name} is ${isEmptyFile ? 'empty' : shown(input)}`, expected }
}

/** Of a mapping whose kind is not known, zod gives the whole. */
function inputOf(issue: z.core.$ZodIssue): unknown {
  const { input } = issue
  const key = issue.code === 'invalid_union' ? issue.discriminator : undefined
  return key !== undefined && isRecord(input) ? input[key] : input
}

function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_union': {
      // zod's types lack them.
      const known = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : []
      if (known.length === 0) return issue.message
      const input = inputOf(issue)
      return typeof input === 'string' ? nearest(input, known) : oneOf(known)
    }
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected
    case 'invalid_value': {
      const values = issue.values.map(String)
      return typeof issue.input === 'string' ? nearest(issue.input, values) : oneOf(values)
    }
    case 'invalid_format':
      return issue.format === 'datetime' ? 'an instant such as 2026-01-31T00:00:00.000Z' : issue.message
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
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (isRecord(value)) {
    const keys = Object.keys(value)
    return keys.length === 0 ? 'an empty mapping' : `a mapping with ${oneOf(keys, 'and')}`
  }
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

function nearest(written: string, known: readonly string[]): string {
  const [suggestion] = suggestionList(written, [...known])
  return suggestion === undefined ? oneOf(known) : `\`${suggestion}\``
}

/** `a`, `b` or `c` */
function oneOf(names: readonly string[], word = 'or'): string {
  const quoted = names.map((name) => `\`${name}\``)
  const last = quoted.at(-1) ?? 'nothing'
  return quoted.length < 2 ? last : `${quoted.slice(0, -1).join(', ')} ${word} ${last}`
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
