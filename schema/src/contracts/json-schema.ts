import { Ajv, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { isClaim } from './keywords.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonMap
export type JsonMap = { readonly [key: string]: Json }
export type SchemaNode = boolean | JsonMap

/** A JSON Schema file. Its nodes are compared by identity, so they stay the same objects. */
export type SchemaDocument = {
  readonly root: SchemaNode
  readonly draft: Draft
  /** null for a reference out of the file, or to nothing. */
  resolve(ref: string): SchemaNode | null
  /**
   * Whether a node of this file accepts a value; null where the node cannot be understood.
   * @param isMet whether a claim about a part of the value holds; by default every claim does
   */
  accepts(node: SchemaNode, value: Json, isMet?: (claim: string) => boolean): boolean | null
  /** Whether a keyword is a claim here: what references lead into only holds schemas. See `keywords.ts`. */
  isClaim(keyword: string): boolean
  /** Why no value can be checked by it; null where one can. The path is empty for what is not at one place. */
  readonly problem: { readonly path: readonly string[]; readonly message: string } | null
  /** What is wrong with a value, in one line; null where nothing is. @throws where there is a `problem` */
  refusalOf(value: Json): string | null
  /** The way to a node from the root; null for one that was made while comparing. */
  pathOf(node: SchemaNode): readonly string[] | null
}

/** References are made absolute, so that a node means the same wherever it is compiled. */
const BASE = 'https://contract.invalid/schema'

export type Draft = '2020-12' | 'draft-07'

/** What `$schema` says, 2020-12 where it says nothing; null for a draft that is not supported. */
export function draftOf(value: SchemaNode): Draft | null {
  const uri = typeof value === 'object' ? value.$schema : undefined
  if (uri === undefined || (typeof uri === 'string' && uri.includes('draft/2020-12'))) return '2020-12'
  return typeof uri === 'string' && uri.includes('draft-07') ? 'draft-07' : null
}

/** Where a value is no JSON Schema of that draft, and what is wrong there; null where it is one. */
export function schemaProblem(
  value: SchemaNode,
  draft: Draft,
): { readonly path: readonly string[]; readonly message: string } | null {
  const ajv = ajvOf(draft, true)
  const schema = typeof value === 'object' ? { ...value, $schema: META_SCHEMAS[draft] } : value
  if (ajv.validateSchema(schema) === true) return null
  const [error] = ajv.errors ?? []
  const path = (error?.instancePath ?? '').split('/').slice(1).map(unescapePointer)
  return { path, message: error?.message ?? 'is no JSON Schema' }
}

const META_SCHEMAS = {
  '2020-12': 'https://json-schema.org/draft/2020-12/schema',
  'draft-07': 'http://json-schema.org/draft-07/schema',
} as const

/** @param isMeta whether it is to check schemas too, which takes longer to set up than most comparisons */
function ajvOf(draft: Draft, isMeta: boolean): Ajv {
  const options = {
    strict: false,
    validateFormats: false,
    logger: false,
    meta: isMeta,
    validateSchema: isMeta,
  } as const
  return draft === 'draft-07' ? new Ajv(options) : new Ajv2020(options)
}

/** @param value a JSON Schema without a problem */
export function createSchemaDocument(value: SchemaNode, draft: Draft): SchemaDocument {
  const paths = new WeakMap<object, readonly string[]>()
  const root = absolute(value, [], paths)
  const ajv = ajvOf(draft, false)
  const holders = heldByReferences(root)
  const isClaimHere = (keyword: string) => isClaim(keyword) && !holders.has(keyword)
  let isMetNow: (claim: string) => boolean = () => true
  for (const keyword of keysIn(root)) {
    if (!isClaimHere(keyword) || !AJV_KEYWORD.test(keyword)) continue
    ajv.removeKeyword(keyword)
    ajv.addKeyword({
      keyword,
      validate: (claim: Json, data: Json) => isMetNow(JSON.stringify([keyword, claim, data])),
    })
  }
  ajv.addSchema(root, BASE, undefined, false)
  const compiled = new WeakMap<object, ValidateFunction | null>()
  const compile = (node: JsonMap): ValidateFunction | null => {
    const known = compiled.get(node)
    if (known !== undefined) return known
    let validate: ValidateFunction | null
    try {
      validate = ajv.compile(node)
    } catch {
      validate = null
    }
    compiled.set(node, validate)
    return validate
  }
  return {
    root,
    draft,
    resolve(ref) {
      if (!ref.startsWith(`${BASE}#`)) return null
      return follow(root, ref.slice(BASE.length + 1))
    },
    isClaim: isClaimHere,
    accepts(node, instance, isMet = () => true) {
      if (typeof node === 'boolean') return node
      isMetNow = isMet
      try {
        return compile(node)?.(instance) ?? null
      } catch {
        // A schema that refers to itself at the same place of a value has no end.
        return null
      } finally {
        isMetNow = () => true
      }
    },
    get problem() {
      try {
        if (typeof root !== 'boolean') ajv.compile(root)
        return null
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        return {
          path: pathOfBrokenPattern(root, []) ?? [],
          message: message.replace(/ from id .*/, '').replaceAll(BASE, ''),
        }
      }
    },
    refusalOf(instance) {
      if (typeof root === 'boolean') return root ? null : 'nothing is accepted'
      const validate = ajv.compile(root)
      return validate(instance) ? null : ajv.errorsText(validate.errors, { dataVar: 'payload' })
    },
    pathOf: (node) => (typeof node === 'boolean' ? null : (paths.get(node) ?? null)),
  }
}

function pathOfBrokenPattern(value: Json, path: readonly string[]): readonly string[] | null {
  if (typeof value !== 'object' || value === null) return null
  for (const [key, member] of Object.entries(value)) {
    const at = [...path, key]
    if (key === 'pattern' && typeof member === 'string' && !isPattern(member)) return at
    const inside = pathOfBrokenPattern(member, at)
    if (inside !== null) return inside
  }
  return null
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u')
    return true
  } catch {
    return false
  }
}

/** Names that ajv takes for a keyword. `__proto__` would be one, but is no member of anything. */
const AJV_KEYWORD = /^(?!__proto__$)[a-z_$][a-z0-9_$:-]*$/i

/** Every key of a file: which of them stand in schemas is not known before references are followed. */
function keysIn(value: Json, keys = new Set<string>()): ReadonlySet<string> {
  if (Array.isArray(value)) for (const item of value as readonly Json[]) keysIn(item, keys)
  else if (isJsonMap(value)) {
    for (const [key, member] of Object.entries(value)) {
      keys.add(key)
      keysIn(member, keys)
    }
  }
  return keys
}

/** The members of the root that references lead into, such as `components`. */
function heldByReferences(value: Json, holders = new Set<string>()): ReadonlySet<string> {
  if (Array.isArray(value)) for (const item of value as readonly Json[]) heldByReferences(item, holders)
  else if (isJsonMap(value)) {
    for (const [key, member] of Object.entries(value)) {
      const [, holder] = key === '$ref' ? (/^[^#]*#\/([^/]+)\/./.exec(String(member)) ?? []) : []
      if (holder !== undefined) holders.add(holder)
      heldByReferences(member, holders)
    }
  }
  return holders
}

export function isJsonMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isSchemaNode(value: unknown): value is SchemaNode {
  return typeof value === 'boolean' || isJsonMap(value)
}

/** A copy with absolute references and without what would give the root another address. */
function absolute<T extends Json>(
  value: T,
  path: readonly string[],
  paths: WeakMap<object, readonly string[]>,
): T
function absolute(value: Json, path: readonly string[], paths: WeakMap<object, readonly string[]>): Json {
  if (Array.isArray(value)) {
    return value.map((item: Json, index) => absolute(item, [...path, String(index)], paths))
  }
  if (!isJsonMap(value)) return value
  const entries = Object.entries(value)
    .filter(([key]) => path.length > 0 || (key !== '$id' && key !== '$schema'))
    .map(([key, member]): readonly [string, Json] =>
      key === '$ref' && typeof member === 'string' && member.startsWith('#')
        ? [key, BASE + member]
        : [key, absolute(member, [...path, key], paths)],
    )
  const copy: JsonMap = Object.fromEntries(entries)
  paths.set(copy, path)
  return copy
}

/** @param pointer a JSON Pointer in its URI form */
function follow(root: SchemaNode, pointer: string): SchemaNode | null {
  if (pointer !== '' && !pointer.startsWith('/')) return null
  let node: unknown = root
  for (const part of pointer.split('/').slice(1)) {
    const name = unescapePointer(decodeURIComponent(part))
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, name)) return null
    node = Reflect.get(node, name)
  }
  return isSchemaNode(node) ? node : null
}

function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}
