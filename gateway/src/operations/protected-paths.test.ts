import { readFileSync } from 'node:fs'
import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql'
import { expect, test } from 'vitest'
import { buildSupergraph } from '../supergraph/supergraph.ts'
import { accessOf } from './authorize-operation.ts'
import { prepareOperation } from './prepare-operation.ts'

/*
 * Every way through our own graph into what its directives protect. A new field that links to a protected type gets its
 * case here by itself.
 */

const SUPERGRAPH = new URL('../../../schema/supergraph.graphql', import.meta.url)
const graph = buildSupergraph(readFileSync(SUPERGRAPH, 'utf8'))
const MAX_LENGTH = 7

type Step = { readonly type: GraphQLObjectType; readonly field: GraphQLField<unknown, unknown> }
type Way = readonly Step[]

function isProtected({ type, field }: Step): boolean {
  const coordinates = [type.name, `${type.name}.${field.name}`, getNamedType(field.type).name]
  return coordinates.some((coordinate) => graph.accessRules.has(coordinate))
}

/** All ways without a circle that end with the first protected field on them. */
function waysFrom(type: GraphQLObjectType, before: Way = []): Way[] {
  return Object.values(type.getFields()).flatMap((field) => {
    const way = [...before, { type, field }]
    if (isProtected({ type, field })) return [way]
    const next = getNamedType(field.type)
    const isCircle = before.some((step) => step.type === next)
    return isObjectType(next) && !isCircle && way.length < MAX_LENGTH ? waysFrom(next, way) : []
  })
}

function sampleValue(type: GraphQLInputType): string {
  const nullable = getNullableType(type)
  if (isListType(nullable)) return '[]'
  if (isEnumType(nullable)) return nullable.getValues()[0]?.name ?? ''
  if (isInputObjectType(nullable)) {
    const required = Object.values(nullable.getFields()).filter(isRequiredInputField)
    return `{ ${required.map((field) => `${field.name}: ${sampleValue(field.type)}`).join(', ')} }`
  }
  return { ID: '"x"', String: '"x"', Boolean: 'true' }[String(nullable)] ?? '1'
}

function selectionOf(way: Way): string {
  const [step, ...rest] = way
  if (!step) return ''
  const args = step.field.args
    .filter(isRequiredArgument)
    .map(({ name, type }) => `${name}: ${sampleValue(type)}`)
  const text = args.length === 0 ? step.field.name : `${step.field.name}(${args.join(', ')})`
  if (isLeafType(getNamedType(step.field.type))) return text
  return `${text} { ${rest.length === 0 ? '__typename' : selectionOf(rest)} }`
}

function pathOf(way: Way): string {
  return way.map(({ field }) => field.name).join('.')
}

const ROOTS = ['query', 'mutation'] as const
const CASES = ROOTS.flatMap((kind) => {
  const root = kind === 'query' ? graph.schema.getQueryType() : graph.schema.getMutationType()
  return root ? waysFrom(root).map((way) => [`${kind} ${pathOf(way)}`, kind, way] as const) : []
})

test('the ways are those that are known, and more', () => {
  expect(CASES.map(([name]) => name)).toEqual(
    expect.arrayContaining([
      'query experiment',
      'query experiments',
      'query modelVersions',
      'query recommendations.exposures.experiment',
      'query recommendations.exposures.variant',
      'query slate.user.assignments.experiment',
      'query user.assignments.variant',
      'mutation createExperiment',
    ]),
  )
})

test.each(CASES)('%s is closed to who has no scopes, and is not fetched', (_name, kind, way) => {
  const query = `${kind} { ${selectionOf(way)} }`
  const prepared = prepareOperation(graph, { query, operationName: undefined, acceptsParts: false })
  if (!('compiledFor' in prepared)) throw new Error(`${query}: ${prepared[0]?.message}`)
  const protectedField = new RegExp(`[^_\\w]${way.at(-1)?.field.name}\\b`)
  for (const identity of [null, { subject: 'x', scopes: new Set(['users:any']) }]) {
    const { plan, initial } = prepared.compiledFor({}, accessOf(identity))
    for (const { bodyStart } of plan.fetches) expect(bodyStart).not.toMatch(protectedField)
    const errors: Parameters<typeof initial>[1] = []
    initial(answerOf(way), errors)
    expect(errors.map(({ reason }) => reason)).toEqual(['denied'])
  }
})

/** What a subgraph would answer on the way, so that the protected field is reached. */
function answerOf(way: Way): Record<string, unknown> {
  const [step, ...rest] = way
  if (!step || rest.length === 0) return {}
  const object = { __typename: getNamedType(step.field.type).name, ...answerOf(rest) }
  return { [step.field.name]: isListType(getNullableType(step.field.type)) ? [object] : object }
}
