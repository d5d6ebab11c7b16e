/** What the comparison looks into. */
const COMPARED = [
  '$ref',
  '$defs',
  'definitions',
  'type',
  'nullable',
  'enum',
  'const',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'items',
  'prefixItems',
  'additionalItems',
  'minItems',
  'maxItems',
  'uniqueItems',
  'contains',
  'minContains',
  'maxContains',
  'properties',
  'required',
  'additionalProperties',
  'propertyNames',
  'minProperties',
  'maxProperties',
  'dependentRequired',
  'dependentSchemas',
  'dependencies',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
] as const

/** With one of these, what the other keywords say cannot be told apart. */
export const INCOMPARABLE_KEYWORDS = [
  'patternProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  '$dynamicRef',
  '$recursiveRef',
  '$anchor',
  '$dynamicAnchor',
  '$id',
] as const

/** These say nothing of what is valid. */
const ANNOTATIONS = [
  '$schema',
  '$comment',
  '$vocabulary',
  'title',
  'description',
  'default',
  'deprecated',
  'readOnly',
  'writeOnly',
  'examples',
  'example',
  'externalDocs',
  'xml',
] as const

const KNOWN: ReadonlySet<string> = new Set([...COMPARED, ...INCOMPARABLE_KEYWORDS, ...ANNOTATIONS])

/**
 * Whether a keyword is a claim: `format`, those about encodings, and any that is not known here. Readers may refuse
 * what does not meet it, and only they know what that is. Keywords that begin with `x-` are annotations.
 */
export function isClaim(keyword: string): boolean {
  return !KNOWN.has(keyword) && !keyword.startsWith('x-')
}
