import { expect, test } from 'vitest'
import { prepareOperation } from '../operations/prepare-operation.ts'
import { sampleGraph } from '../testing/sample-graph.ts'

test('how to answer with the words of the subgraphs is compiled once, when an operation is asked again', () => {
  const operation = prepareOperation(sampleGraph(), {
    query: '{ page { title notes } }',
    operationName: undefined,
    acceptsParts: false,
  })
  if (!('compiledFor' in operation)) throw operation[0]
  const { verbatim } = operation.compiledFor({}, () => true)
  const [first, second, third] = [verbatim(), verbatim(), verbatim()]
  expect(first).toBeNull()
  expect(second).not.toBeNull()
  expect(third).toBe(second)
})
