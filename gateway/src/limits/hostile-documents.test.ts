import { expect, test } from 'vitest'
import { requestOfEachKind } from '../testing/hostile-documents.ts'
import { startTestApp } from '../testing/test-app.ts'

/** What refuses the largest of each kind. `npm run bench -- hostile-documents` measures what all sizes cost. */
const REFUSED_BY: Readonly<Record<string, readonly string[]>> = {
  PAYLOAD_TOO_LARGE: [
    'open brackets',
    'overlapping trees',
    'a huge string',
    'comments and line breaks',
    'huge variables',
    'wrong variables',
    'many interactions',
    'any JSON',
  ],
  DEPTH_LIMIT_EXCEEDED: [
    'deep selections',
    'deep valid selections',
    'deep lists',
    'deep objects',
    'deep types',
    'fragments that spread all others',
  ],
  TOKEN_LIMIT_EXCEEDED: [
    'wide selections',
    'wide aliases',
    'many root fields',
    'repeated root fields',
    'cyclic fragments',
    'doubling fragments',
    'chained fragments',
    'fragments beside each other',
    'unused fragments',
    'overlapping fields',
    'overlapping leaves with arguments',
    'overlapping fields with long arguments',
    'conflicting fields',
    'inline fragments',
    'unknown types',
    'repeated directives',
    'unknown directives',
    'many operations over one fragment',
    'many operations',
  ],
  SELECTION_LIMIT_EXCEEDED: [
    'doubling fields',
    'unknown fields',
    'one variable, used often',
    'valid and large',
  ],
  ROOT_FIELD_LIMIT_EXCEEDED: ['line breaks before mistakes', 'introspection'],
  DIRECTIVE_LIMIT_EXCEEDED: ['conditions'],
  DEFERRED_FRAGMENT_LIMIT_EXCEEDED: ['deferred parts'],
  GRAPHQL_PARSE_FAILED: ['a bad ending'],
  GRAPHQL_VALIDATION_FAILED: [
    'unknown arguments',
    'long names',
    'a huge number',
    'a huge exponent',
    'many variables',
  ],
  // Within every limit.
  '200': [
    'overlapping fields with long text',
    'a string just within',
    'a block string',
    'a long list',
    'a wide object',
    'deferred and large',
  ],
}

test('the largest of each kind of hostile document is refused by the limit that is meant for it', async () => {
  const { post, sent, lines } = await startTestApp({ NODE_ENV: 'production' })
  const refused: Record<string, string[]> = {}
  for (const { kind, body } of requestOfEachKind(1)) {
    sent.length = 0
    const { status, json, text } = await post(body)
    const code = json.errors?.[0]?.extensions?.code ?? json.error?.code ?? String(status)
    refused[code] = [...(refused[code] ?? []), kind]
    expect([kind, text.length < 10_000, status === 200 || sent.length === 0]).toEqual([kind, true, true])
  }
  expect(refused).toEqual(REFUSED_BY)
  expect(lines).toEqual([])
})

test.each([0.03, 0.3])('of %d of the largest size none is a defect', async (share) => {
  const { post, lines } = await startTestApp({ NODE_ENV: 'production' })
  for (const { kind, body } of requestOfEachKind(share)) {
    const { status, text } = await post(body)
    expect([kind, [200, 400, 413].includes(status), text.includes('"INTERNAL"')]).toEqual([kind, true, false])
  }
  expect(lines.filter(({ level }) => level === 'error')).toEqual([])
})
