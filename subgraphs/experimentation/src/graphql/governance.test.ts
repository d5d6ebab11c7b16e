import { testIdentity } from '@bulkhead/service/testing/test-identity'
import { afterEach, expect, test } from 'vitest'
import type { SimpleStep } from '../domain/steps.ts'
import { sampleDraft } from '../testing/samples.ts'
import { errorCodes, query, startTestApp, type TestApp } from '../testing/test-app.ts'

const apps: TestApp[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) await app.stop()
})

async function start(...options: Parameters<typeof startTestApp>): Promise<TestApp> {
  const app = await startTestApp(...options)
  apps.push(app)
  return app
}

const WRITE = ['experiments:read', 'experiments:write']
const REVIEW = ['experiments:read', 'experiments:review']
const ana = testIdentity('ana', WRITE)
const ben = testIdentity('ben', REVIEW)

function step(action: string, revision: number, key = 'new') {
  return `${action}(input: { key: "${key}", revision: ${revision}, reason: "r" }) { experiment { status } errors { code message path } }`
}

function review(action: string, revision: number, approved = true, key = 'new') {
  return `${action}(input: { key: "${key}", revision: ${revision}, approved: ${approved}, comment: "c" }) { experiment { status } errors { code message path } }`
}

async function mutate(app: TestApp, field: string, identity = ana) {
  const answer = await query(app, `mutation { answer: ${field} }`, {}, identity)
  expect(answer.errors).toBeUndefined()
  return answer.data.answer
}

test('reviewing needs experiments:review, which does not include writing', async () => {
  const app = await start()
  for (const action of ['reviewExperiment', 'reviewDecision']) {
    const document = `mutation { ${review(action, 1)} }`
    expect(errorCodes(await query(app, document, {}, null))).toEqual(['UNAUTHENTICATED'])
    expect(errorCodes(await query(app, document, {}, ana))).toEqual(['FORBIDDEN'])
  }
  for (const action of ['submitForReview', 'startExperiment', 'archiveExperiment']) {
    expect(errorCodes(await query(app, `mutation { ${step(action, 1)} }`, {}, ben))).toEqual(['FORBIDDEN'])
  }
  const metric =
    'createMetric(input: { key: "m", name: "M", kind: COUNT, event: "PLAY" }) { errors { code } }'
  const edit = 'updateExperiment(input: { key: "mix", revision: 4, name: "N" }) { errors { code } }'
  const decide =
    'recordDecision(input: { key: "mix", revision: 4, outcome: SHIP, rationale: "r" }) { errors { code } }'
  for (const field of [metric, edit, decide]) {
    expect(errorCodes(await query(app, `mutation { ${field} }`, {}, ben))).toEqual(['FORBIDDEN'])
  }
})

test('the audit log needs audit:read on every way to it', async () => {
  const app = await start()
  const reader = testIdentity('ana', ['experiments:read'])
  const log = await query(app, '{ auditLog { nodes { sequence } } }', {}, reader)
  expect([log.data, errorCodes(log)]).toEqual([{ auditLog: null }, ['FORBIDDEN']])
  const nested = await query(app, '{ experiment(key: "mix") { key audit { nodes { hash } } } }', {}, reader)
  expect([nested.data, errorCodes(nested)]).toEqual([
    { experiment: { key: 'mix', audit: null } },
    ['FORBIDDEN'],
  ])
  const size = await query(
    app,
    '{ experiment(key: "mix") { audit { pageInfo { hasNextPage } } } }',
    {},
    reader,
  )
  expect([size.data, errorCodes(size)]).toEqual([{ experiment: { audit: null } }, ['FORBIDDEN']])
  const auditor = testIdentity('eve', ['audit:read'])
  expect(errorCodes(await query(app, '{ auditLog { nodes { hash } } }', {}, auditor))).toBeUndefined()
  expect(errorCodes(await query(app, '{ decisions { totalCount } }', {}, auditor))).toEqual(['FORBIDDEN'])
})

test('refusals say who, what and what is possible instead', async () => {
  const app = await start()
  await app.experiments.create(sampleDraft({ key: 'new', surfaces: ['other'] }), 'ana')
  expect((await mutate(app, step('startExperiment', 1))).errors).toEqual([
    {
      code: 'ILLEGAL_TRANSITION',
      message:
        'startExperiment is not possible for an experiment that is DRAFT; possible: updateExperiment, submitForReview, archiveExperiment.',
      path: ['key'],
    },
  ])
  await mutate(app, step('submitForReview', 1))
  const own = testIdentity('ana', REVIEW)
  expect((await mutate(app, review('reviewExperiment', 2), own)).errors).toMatchObject([{ code: 'OWN_WORK' }])
  expect(await mutate(app, review('reviewExperiment', 2), ben)).toMatchObject({
    experiment: { status: 'APPROVED' },
  })
  expect((await mutate(app, review('reviewExperiment', 3), ben)).errors).toMatchObject([
    { code: 'ALREADY_APPROVED', path: ['approved'] },
  ])
  await mutate(app, step('startExperiment', 3))
  const edit =
    'updateExperiment(input: { key: "new", revision: 4, plan: { power: 0.9 } }) { errors { code path } }'
  expect((await mutate(app, edit)).errors).toEqual([{ code: 'FROZEN', path: ['plan'] }])
  const nothing = 'updateExperiment(input: { key: "new", revision: 4 }) { errors { code message } }'
  expect((await mutate(app, nothing)).errors).toEqual([
    { code: 'INVALID_INPUT', message: 'The edit changes nothing.' },
  ])
})

test('metrics are versioned, listed by key, and linked from experiments at the version that they name', async () => {
  const app = await start()
  const create = (key: string, extra: string) =>
    `createMetric(input: { key: "${key}", name: "M", event: "PLAY", ${extra} }) { metric { version windowHours } errors { path } }`
  expect(await mutate(app, create('a', 'kind: COUNT'))).toEqual({
    metric: { version: 1, windowHours: 168 },
    errors: [],
  })
  const input = `{ key: "new", name: "N", hypothesis: "H", owner: "O", metrics: [{ metricKey: "a", role: GUARDRAIL, margin: 0.05 }],
    variants: [{ key: "x", name: "X", weight: 0.5, isControl: true }, { key: "y", name: "Y", weight: 0.5 }] }`
  await mutate(app, `createExperiment(input: ${input}) { errors { code message } }`)
  await mutate(app, create('a', 'kind: MEAN, cap: 10'))
  await mutate(app, create('b', 'kind: RATIO, denominatorEvent: "CLICK"'))
  expect((await mutate(app, create('c', 'kind: RATIO'))).errors).toEqual([{ path: ['denominatorEvent'] }])
  expect((await mutate(app, create('c', 'kind: QUANTILE, quantile: 1'))).errors).toEqual([
    { path: ['quantile'] },
  ])
  const { data } = await query(
    app,
    `{
      metric(key: "a") { version kind cap }
      unknown: metric(key: "none") { version }
      metrics(first: 1) { nodes { key version } pageInfo { hasNextPage endCursor } }
      experiment(key: "new") { metrics { role margin metric { version kind } } plan { hash alpha looks } }
    }`,
  )
  expect(data).toEqual({
    metric: { version: 2, kind: 'MEAN', cap: 10 },
    unknown: null,
    metrics: {
      nodes: [{ key: 'a', version: 2 }],
      pageInfo: { hasNextPage: true, endCursor: expect.any(String) },
    },
    experiment: {
      metrics: [{ role: 'GUARDRAIL', margin: 0.05, metric: { version: 1, kind: 'COUNT' } }],
      plan: { hash: expect.stringMatching(/^[0-9a-f]{64}$/), alpha: 0.05, looks: null },
    },
  })
  const rest = await query(app, 'query ($after: String) { metrics(after: $after) { nodes { key } } }', {
    after: data.metrics.pageInfo.endCursor,
  })
  expect(rest.data.metrics.nodes).toEqual([{ key: 'b' }])
})

async function decide(app: TestApp, key: string, outcome: 'SHIP' | 'ROLLBACK', revision: number) {
  const decision = { outcome, variantKey: 'treatment', rationale: 'r' }
  await app.experiments.recordDecision({ key, revision, decision, by: 'ana' })
  await app.experiments.reviewDecision({
    key,
    revision: revision + 1,
    approved: true,
    comment: 'c',
    by: 'ben',
  })
}

test('decisions are listed with their signatures, and end the assignment', async () => {
  const app = await start()
  await app.experiments.step({ key: 'mix', action: 'stop', revision: 4, reason: 'r', by: 'ana' })
  expect(app.snapshots.current().snapshot.experiments).toMatchObject([{ key: 'mix', status: 'STOPPED' }])
  await decide(app, 'mix', 'ROLLBACK', 5)
  expect(app.snapshots.current().snapshot.experiments).toEqual([])
  const { data } = await query(
    app,
    `{
      decisions(filter: { outcomes: [ROLLBACK], decidedBy: "ana" }) {
        totalCount
        nodes { experimentKey outcome variantKey rationale decidedBy reviewedBy decidedAt keyId signature
          modelVersion { id } experiment { status } }
      }
      none: decisions(filter: { outcomes: [SHIP] }) { totalCount nodes { rationale } }
    }`,
  )
  expect(data.decisions).toEqual({
    totalCount: 1,
    nodes: [
      {
        experimentKey: 'mix',
        outcome: 'ROLLBACK',
        variantKey: 'treatment',
        rationale: 'r',
        decidedBy: 'ana',
        reviewedBy: 'ben',
        decidedAt: '2026-01-05T12:00:00.000Z',
        keyId: 'test-key',
        signature: expect.stringMatching(/^[\w-]{86}$/),
        modelVersion: null,
        experiment: { status: 'DECIDED' },
      },
    ],
  })
  expect(data.none).toEqual({ totalCount: 0, nodes: [] })
})

test('the audit log is paged and filtered, with what was there before and after', async () => {
  const app = await start()
  const steps: readonly SimpleStep[] = ['pause', 'resume', 'stop']
  for (const [index, action] of steps.entries()) {
    await app.experiments.step({
      key: 'mix',
      action,
      revision: 4 + index,
      reason: `to ${action}`,
      by: 'cleo',
    })
  }
  const document = `query ($after: String, $filter: AuditFilter) {
    auditLog(first: 2, after: $after, filter: $filter) {
      nodes { sequence at by action subject before after reason hash }
      pageInfo { hasNextPage hasPreviousPage endCursor }
    }
  }`
  const actions: string[] = []
  let after: string | null = null
  do {
    const { data } = await query(app, document, { after })
    actions.push(...data.auditLog.nodes.map(({ action }: { action: string }) => action))
    after = data.auditLog.pageInfo.hasNextPage ? data.auditLog.pageInfo.endCursor : null
  } while (after !== null)
  expect(actions).toEqual([
    'createExperiment',
    'submitForReview',
    'reviewExperiment',
    'startExperiment',
    'pauseExperiment',
    'resumeExperiment',
    'stopExperiment',
  ])
  const { data } = await query(app, document, {
    filter: { by: 'cleo', actions: ['pauseExperiment'], subject: 'experiment:mix' },
  })
  expect(data.auditLog.nodes).toEqual([
    {
      sequence: 5,
      at: '2026-01-05T12:00:00.000Z',
      by: 'cleo',
      action: 'pauseExperiment',
      subject: 'experiment:mix',
      before: { status: 'RUNNING', revision: 4 },
      after: { status: 'PAUSED', revision: 5 },
      reason: 'to pause',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
  ])
  for (const args of ['first: 101', 'after: "x"', `filter: { subject: "${'x'.repeat(300)}" }`]) {
    expect(errorCodes(await query(app, `{ auditLog(${args}) { nodes { hash } } }`))?.[0]).toBe(
      'BAD_USER_INPUT',
    )
  }
})

test('without a quorum the audit log says that nobody had to approve', async () => {
  const app = await start({ config: { reviewQuorum: 0 } })
  await app.experiments.create(sampleDraft({ key: 'new', surfaces: ['other'] }), 'ana')
  expect(await mutate(app, step('startExperiment', 1))).toMatchObject({ experiment: { status: 'RUNNING' } })
  const { data } = await query(app, '{ experiment(key: "new") { audit { nodes { action after } } } }')
  expect(data.experiment.audit.nodes.at(-1)).toMatchObject({
    action: 'startExperiment',
    after: { status: 'RUNNING', startQuorum: 0 },
  })
})
