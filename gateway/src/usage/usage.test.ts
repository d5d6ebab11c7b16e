import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createMetrics } from '@bulkhead/service/metrics'
import { captureLog } from '@bulkhead/service/testing/captured-log'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { startApp } from '../app.ts'
import { loadConfig } from '../config.ts'
import { signDevelopmentToken } from '../identity/development-token.ts'
import { answerQuery } from '../testing/answer-query.ts'
import { serve } from '../testing/serve.ts'
import { REQUIRED_SETTINGS } from '../testing/settings.ts'

const SCHEMA_FILE = new URL('../../../docs/usage-record.schema.json', import.meta.url)
/** As another program reads it, by what is committed. */
const PUBLISHED = z.fromJSONSchema(JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')))

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-usage-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const DEV_TOKEN_SECRET = 'dev-secret-of-at-least-32-characters'

/** Asks a gateway on the committed supergraph, stops it, and gives what it has left in its usage file. */
async function usageOf(
  requests: readonly { readonly query: string; readonly variables?: object; readonly accept?: string }[],
) {
  const { origin } = await serve(async (request, response) => {
    const { query } = JSON.parse(await text(request))
    response.end(JSON.stringify({ data: answerQuery(query, { recommendations: null, item: null }) }))
  })
  const path = join(folder, 'usage.jsonl')
  const config = loadConfig({
    ...REQUIRED_SETTINGS,
    PERSONALIZATION_URL: origin,
    EXPERIMENTATION_URL: origin,
    DEV_TOKEN_SECRET,
    ACCESS_LOG: 'off',
    USAGE_FILE: path,
    USAGE_INTERVAL_MS: '3600000',
  })
  const { log } = captureLog()
  const app = await startApp({
    config,
    clock: { now: () => 0 },
    log,
    metrics: createMetrics({ service: 'test' }),
  })
  const token = await signDevelopmentToken({
    secret: DEV_TOKEN_SECRET,
    subject: 'hush-hush',
    scopes: [],
    lifetimeS: 60,
  })
  for (const { query, variables, accept = 'application/json' } of requests) {
    const headers = { accept, 'apollographql-client-name': 'web', authorization: `Bearer ${token}` }
    await app.http.inject({ method: 'POST', url: '/graphql', payload: { query, variables }, headers })
  }
  await app.stop()
  const content = readFileSync(path, 'utf8')
  expect(content).not.toContain('hush-hush')
  expect(content).not.toContain(token)
  return content
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

const RECORD =
  'mutation Record($input: RecordInteractionsInput!) { recordInteractions(input: $input) { accepted } }'

test('the usage file has what clients use, literals and variables included, as its JSON Schema says', async () => {
  const interaction = {
    eventId: 'e1',
    userId: 'hush-hush',
    itemId: 'i1',
    occurredAt: '2026-01-01T00:00:00.000Z',
  }
  const records = await usageOf([
    { query: 'query Home { recommendations(userId: "hush-hush", size: 3) { id } }' },
    { query: 'query Home { recommendations(userId: "u2", size: 20) { slate: id } }' },
    { query: RECORD, variables: { input: { interactions: [{ ...interaction, type: 'CLICK' }] } } },
  ])
  for (const record of records) expect(PUBLISHED.safeParse(record)).toMatchObject({ success: true })
  expect(PUBLISHED.safeParse({ ...records[0], count: 'many' })).toMatchObject({ success: false })
  expect(records).toMatchObject([
    {
      operationName: 'Home',
      client: { name: 'web', version: null },
      count: 2,
      fields: ['Query.recommendations', 'RecommendationSlate.id'],
      arguments: ['Query.recommendations(size:)', 'Query.recommendations(userId:)'],
      inputFields: [],
      enumValues: [],
    },
    {
      operationName: 'Record',
      kind: 'mutation',
      count: 1,
      inputFields: [
        'InteractionInput.eventId',
        'InteractionInput.itemId',
        'InteractionInput.occurredAt',
        'InteractionInput.type',
        'InteractionInput.userId',
        'RecordInteractionsInput.interactions',
      ],
      enumValues: ['InteractionType.CLICK'],
    },
  ])
})

test('what was refused is not used; what is answered in parts is counted once, with what comes later', async () => {
  const query = 'query Later { recommendations(userId: "u1") { id ... @defer { exposures { status } } } }'
  const records = await usageOf([
    { query: '{ nothing }' },
    { query: RECORD, variables: { input: { interactions: 'none' } } },
    { query, accept: 'multipart/mixed;deferSpec=20220824' },
    { query },
  ])
  expect(records).toHaveLength(1)
  expect(records).toMatchObject([{ operationName: 'Later', count: 2 }])
  expect(records[0].fields).toContain('Exposure.status')
})
