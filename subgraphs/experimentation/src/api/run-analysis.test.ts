import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { createApiClient } from '@bulkhead/service/api/api-client'
import { expect, onTestFinished, test } from 'vitest'
import { analysisReport } from '../terminal/analysis-report.ts'
import { toReported } from '../terminal/api-analysis.ts'
import { type ApiAnalysis, runAnalysisByApi } from './run-analysis.ts'

const ANALYSIS: ApiAnalysis = {
  id: 'ab'.repeat(32),
  hash: 'ab'.repeat(32),
  experimentVersion: 1,
  plan: { hash: 'cd'.repeat(32), method: 'FIXED_HORIZON', scale: 'ABSOLUTE' },
  cutoff: '2026-01-05T12:00:00.000Z',
  asOf: '80',
  final: false,
  complete: true,
  units: 40,
  createdAt: '2026-01-05T12:00:01.000Z',
  requestedBy: 'ana',
  metrics: [
    {
      metric: { key: 'plays', version: 2 },
      role: 'SUCCESS',
      variantKey: 'treatment',
      segmentValue: null,
      method: 'Welch',
      controlUnits: 20,
      units: 20,
      controlMean: 1,
      mean: 2,
      controlVariance: 1,
      variance: 1,
      effect: { estimate: 1, lower: 0.5, upper: null },
      absolute: { estimate: 1, lower: 0.5, upper: null },
      relative: null,
      nullValue: 0,
      alphaUsed: 0.05,
      pValue: 0.01,
      adjustedPValue: 0.02,
      significant: true,
      looks: [],
    },
  ],
  missing: [
    {
      metric: { key: 'skips', version: 1 },
      role: 'GUARDRAIL',
      variantKey: 't',
      segmentValue: null,
      reason: 'too-few-units',
    },
  ],
  bySegment: [],
  health: [],
  verdict: { recommendation: 'CONTINUE', variantKey: null, reasons: [] },
}

function payload(analysis: ApiAnalysis | null, ...codes: readonly string[]) {
  const errors = codes.map((code) => ({ code, message: `it is ${code}` }))
  return { data: { runAnalysis: { analysis, errors } } }
}

/** Answers one request after the other with these, the last one again and again. */
async function startApi(answers: readonly { readonly status?: number; readonly body: unknown }[]) {
  const requests: { readonly headers: IncomingMessage['headers']; readonly body: unknown }[] = []
  const server = createServer(async (request, response) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)]
    requests.push({ headers: request.headers, body: await json(request) })
    response.writeHead(answer?.status ?? 200, { 'content-type': 'application/json' })
    response.end(typeof answer?.body === 'string' ? answer.body : JSON.stringify(answer?.body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
  })
  return { requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` }
}

function runAt(
  url: string,
  options: { readonly timeoutMs?: number; readonly onWait?: (text: string) => void } = {},
) {
  const client = createApiClient({ url, token: 'a-token' })
  const { timeoutMs = 60_000, onWait } = options
  const cutoff = Date.parse(ANALYSIS.cutoff)
  return runAnalysisByApi(client, {
    ...{ experimentKey: 'mix', cutoff, timeoutMs, waitMs: 1 },
    ...(onWait === undefined ? {} : { onWait }),
  })
}

test('an analysis that takes long is asked for again with the same cutoff until it is there', async () => {
  const running = { body: payload(null, 'ANALYSIS_RUNNING') }
  const { url, requests } = await startApi([
    running,
    { body: payload(null, 'ANALYSES_OVERLOADED') },
    running,
    { body: payload(ANALYSIS) },
  ])
  const told: string[] = []
  expect(await runAt(url, { onWait: (text) => told.push(text) })).toEqual(ANALYSIS)
  expect(told).toEqual(['it is ANALYSIS_RUNNING'])
  expect(requests).toHaveLength(4)
  for (const { headers, body } of requests) {
    expect(headers.authorization).toBe('Bearer a-token')
    expect(body).toMatchObject({ variables: { input: { key: 'mix', cutoff: ANALYSIS.cutoff } } })
  }
})

test('it is not waited for without end', async () => {
  const { url } = await startApi([{ body: payload(null, 'ANALYSIS_RUNNING') }])
  await expect(runAt(url, { timeoutMs: 0 })).rejects.toThrow('ANALYSIS_RUNNING: it is ANALYSIS_RUNNING')
})

test.each<[string, { readonly status?: number; readonly body: unknown }, RegExp]>([
  ['a refusal', { body: payload(null, 'EXPERIMENT_NOT_FOUND') }, /^EXPERIMENT_NOT_FOUND: it is/],
  [
    'a missing right',
    { body: { data: null, errors: [{ message: 'no', extensions: { code: 'FORBIDDEN' } }] } },
    /^FORBIDDEN: no; set BULKHEAD_TOKEN to a token with these scopes$/,
  ],
  [
    'a wrong token',
    { status: 401, body: { errors: [{ message: 'no', extensions: { code: 'UNAUTHENTICATED' } }] } },
    /^UNAUTHENTICATED: no; BULKHEAD_TOKEN/,
  ],
  [
    'a scope that the gateway misses',
    {
      body: { data: null, errors: [{ message: 'no', extensions: { code: 'UNAUTHORIZED_FIELD_OR_TYPE' } }] },
    },
    /^UNAUTHORIZED_FIELD_OR_TYPE: no; set BULKHEAD_TOKEN to a token with these scopes$/,
  ],
  [
    'several unknown fields',
    { status: 400, body: { errors: ['a', 'b', 'a'].map((message) => ({ message })) } },
    /^status 400: a; status 400: b$/,
  ],
  ['another service', { status: 404, body: '<html>' }, /no GraphQL endpoint: it answered with status 404$/],
  [
    'another schema',
    { body: { data: { runAnalysis: { analysis: {} } } } },
    /something else than was asked for/,
  ],
])('%s ends it with one line that says why', async (_, answer, message) => {
  const { url, requests } = await startApi([answer])
  await expect(runAt(url)).rejects.toThrow(message)
  await expect(runAt(url)).rejects.toMatchObject({ name: 'StartupError' })
  expect(requests).toHaveLength(2)
})

test('who sends no token is told so', async () => {
  const { url, requests } = await startApi([
    { body: { data: null, errors: [{ message: 'no', extensions: { code: 'FORBIDDEN' } }] } },
  ])
  const client = createApiClient({ url, token: null })
  const analysis = runAnalysisByApi(client, { experimentKey: 'mix', cutoff: 0, timeoutMs: 0 })
  await expect(analysis).rejects.toThrow(/^FORBIDDEN: no; no token is sent: set BULKHEAD_TOKEN$/)
  expect(requests[0]?.headers).not.toHaveProperty('authorization')
})

test('an API that is not there is named', async () => {
  await expect(runAt('http://127.0.0.1:1/graphql')).rejects.toThrow(
    /^http:\/\/127.0.0.1:1\/graphql does not answer \(.*\): is the gateway running/,
  )
})

test('what the API answers is reported as an analysis of one’s own', () => {
  const report = analysisReport(toReported(ANALYSIS, 'mix'))
  expect(report).toMatch(
    /^mix, version 1: 40 units until 2026-01-05T12:00:00.000Z, windows complete, not final/,
  )
  expect(report).toMatch(/plan cdcdcdcdcdcd \(FIXED_HORIZON\), events up to position 80/)
  expect(report).toMatch(/^plays +SUCCESS +treatment +1 +2 +\+1 +\[\+0\.5, open\]/m)
  expect(report).toMatch(/skips \(GUARDRAIL, t\): no result, too few units/)
})

test('its looks and segments are reported as well', () => {
  const effect = { estimate: 1, lower: 0.5, upper: null }
  const [result] = ANALYSIS.metrics
  if (result === undefined) throw new Error('the sample has a result')
  const look = {
    cutoff: '2026-01-04T00:00:00.000Z',
    units: 10,
    fraction: 0.25,
    bound: 4.333,
    nominalAlpha: 1e-5,
  }
  const looks = [{ ...look, spent: 1e-5, effect, pValue: 0.2, crossed: false }]
  const bySegment = [
    {
      segment: 'country',
      segmentValues: [
        { value: 'de', units: 30 },
        { value: null, units: 8 },
      ],
      segmentOmittedUnits: 2,
      metrics: [{ ...result, segmentValue: 'de' }],
      missing: ANALYSIS.missing,
    },
  ]
  const report = analysisReport(
    toReported({ ...ANALYSIS, metrics: [{ ...result, looks }], bySegment, final: true }, 'mix'),
  )
  expect(report).toMatch(/windows complete, final$/m)
  expect(report).toMatch(
    /^plays +SUCCESS +treatment +2026-01-04 +10 \(25\.0 %\) +4\.333 +0\.000010 +0\.20 +\+1 +\[/m,
  )
  expect(report).toContain('By country, for exploration only; 2 units with smaller values are left out')
  expect(report).toMatch(/^de +30 +plays +treatment +1 +2 +\+1 +\[\+0\.5, open\] +0\.010 \* +0\.020/m)
  expect(report).toContain('(none): skips (GUARDRAIL, t): no result, too few units')
})
