import fc from 'fast-check'
import { buildSchema, type OperationDefinitionNode, parse } from 'graphql'
import { getVariableValues } from 'graphql/execution/values.js'
import { expect, test } from 'vitest'
import { compileVariables } from './coerce-variables.ts'

const SCHEMA = buildSchema(
  'type Query { a(id: ID, by: Float, size: Size, in: Range): Int } input Range { from: Int = 1 to: Int! } enum Size { S M }',
)
const TYPES = ['ID', 'String', 'Boolean', 'Int', 'Float', 'Size', 'Range', '[ID!]']

function operationOf(declarations: string): OperationDefinitionNode {
  return parse(`query (${declarations}) { a }`).definitions[0] as OperationDefinitionNode
}

test('it accepts, refuses and completes exactly as graphql-js does', () => {
  const type = fc.constantFrom(...TYPES.flatMap((name) => [name, `${name}!`]))
  const value = fc.oneof(
    fc.constantFrom(undefined, null, '', 'S', '5', true, 'toString'),
    fc.constantFrom(0, -0, -1, 1.5, 1e300, 2 ** 40, 2 ** 31, 2 ** 31 - 1, -(2 ** 31), -(2 ** 31) - 1),
    fc.constantFrom([], ['x'], [1], {}, { to: 2 }, { to: 'x' }),
  )
  const variable = fc.record({ type, value, isGiven: fc.boolean() })
  fc.assert(
    fc.property(fc.array(variable, { minLength: 1, maxLength: 3 }), (variables) => {
      const operation = operationOf(variables.map((each, index) => `$v${index}: ${each.type}`).join(' '))
      const given = Object.fromEntries(
        variables.flatMap((each, index) => (each.isGiven ? [[`v${index}`, each.value]] : [])),
      )
      const expected = getVariableValues(SCHEMA, operation.variableDefinitions ?? [], given)
      const result = compileVariables(operation, SCHEMA, { hideSuggestions: false })(given)
      if ('errors' in result) {
        expect(result.errors.map(({ message }) => message)).toEqual(
          expected.errors?.map(({ message }) => message),
        )
      } else expect({ ...result.coerced }).toEqual({ ...expected.coerced })
    }),
    { numRuns: 2_000 },
  )
})

test('defaults are filled in, and what every object inherits is not a value', () => {
  expect(
    compileVariables(operationOf('$a: Boolean! = true'), SCHEMA, { hideSuggestions: false })({}),
  ).toEqual({ coerced: { a: true } })
  expect(
    compileVariables(operationOf('$toString: String!'), SCHEMA, { hideSuggestions: false })({}),
  ).toHaveProperty('errors')
})

test('of many mistakes ten are told, each in a line of bounded length', () => {
  const coerce = compileVariables(operationOf('$x: [Int]'), SCHEMA, { hideSuggestions: false })
  const checked = coerce({ x: Array(1_000).fill('long'.repeat(1_000)) })
  if (!('errors' in checked)) throw new Error('was accepted')
  expect(checked.errors).toHaveLength(11)
  expect(checked.errors.at(-1)?.message).toContain('aborted')
  expect(Math.max(...checked.errors.map(({ message }) => message.length))).toBeLessThan(310)
})

test('names that were perhaps meant are told, unless they are to be hidden', () => {
  const messageWhere = (hideSuggestions: boolean) => {
    const checked = compileVariables(operationOf('$x: Range'), SCHEMA, { hideSuggestions })({
      x: { to: 1, frm: 1 },
    })
    return 'errors' in checked ? checked.errors[0]?.message : undefined
  }
  expect(messageWhere(false)).toContain('Did you mean "from"?')
  expect(messageWhere(true)).not.toContain('Did you mean')
})
