import { createApiClient } from '@bulkhead/service/api/api-client'
import { testIdentity } from '@bulkhead/service/testing/test-identity'
import { expect, onTestFinished, test } from 'vitest'
import type { BootstrapRequest } from '../command-line/bootstrap.ts'
import { reportStages } from '../testing/sample-decisions.ts'
import { NOON } from '../testing/samples.ts'
import { errorCodes, query, startTestApp, type TestApp } from '../testing/test-app.ts'
import { runBootstrapCommand } from './bootstrap.ts'

async function startService(): Promise<TestApp> {
  const app = await startTestApp({ config: { reviewQuorum: 0 } })
  onTestFinished(() => app.stop())
  return app
}

/** Commands of one person, on the service itself. */
function terminalOf(app: TestApp, subject: string) {
  const client = createApiClient({
    url: 'http://service/graphql',
    token: null,
    async fetch(_, request) {
      const { query: document, variables } = JSON.parse(String(request?.body))
      return Response.json(await query(app, document, variables, testIdentity(subject)))
    },
  })
  return (request: BootstrapRequest, json = false) => runBootstrapCommand({ request, json }, client)
}

const RECORD = {
  type: 'record',
  modelVersionId: 'ease-v1',
  evaluationHash: 'cd'.repeat(32),
  rationale: 'It beats what is popular.\u0007',
} as const
const REVIEW = {
  type: 'review',
  modelVersionId: 'ease-v1',
  revision: null,
  approved: true,
  comment: 'as measured',
} as const

test('two people decide about a first model, and its rollback is shown', async () => {
  const app = await startService()
  const ana = terminalOf(app, 'ana')
  const bob = terminalOf(app, 'bob')
  expect(await ana({ type: 'list' })).toBe('No bootstrap decisions.')
  await expect(bob(REVIEW)).rejects.toThrow(/^BOOTSTRAP_NOT_FOUND: .*`bootstrap list`/)
  await expect(ana(RECORD)).rejects.toThrow(/^MODEL_NOT_EVALUATED \(modelVersionId\): .*not reported/)
  await reportStages(app.store, 'ease-v1', ['REGISTERED', 'EVALUATED'])
  expect(await ana(RECORD)).toBe('the bootstrap decision about "ease-v1" is IN_REVIEW, at revision 1')
  await expect(ana(REVIEW)).rejects.toThrow(/^OWN_WORK \(modelVersionId\)/)
  await expect(bob({ ...REVIEW, revision: 7 })).rejects.toThrow(/^REVISION_CONFLICT \(revision\)/)
  expect(JSON.parse(await bob(REVIEW, true))).toMatchObject({
    status: 'APPROVED',
    signature: expect.any(String),
  })
  await expect(bob(REVIEW)).rejects.toThrow(/^BOOTSTRAP_FINAL/)
  await expect(ana(RECORD)).rejects.toThrow(/^BOOTSTRAP_FINAL/)
  expect(await ana({ type: 'list' })).toMatch(
    /^ease-v1 +APPROVED +2 +ana +bob +2026-01-05 +- +It beats what is popular\.\P{Cc}*$/mu,
  )
  const rollback = { since: 2, reason: 'rolled-back', occurredAt: new Date(NOON + 1).toISOString() } as const
  await reportStages(app.store, 'ease-v1', ['RETIRED'], rollback)
  expect(await ana({ type: 'list' })).toMatch(/^ease-v1 +APPROVED .* 2026-01-05 +2026-01-05 /m)
})

test('a rejected decision can be recorded again', async () => {
  const app = await startService()
  await reportStages(app.store, 'ease-v1', ['EVALUATED'])
  const [ana, bob] = [terminalOf(app, 'ana'), terminalOf(app, 'bob')]
  await ana(RECORD)
  expect(await bob({ ...REVIEW, approved: false })).toMatch(/REJECTED, at revision 2$/)
  await expect(bob(REVIEW)).rejects.toThrow(/^BOOTSTRAP_NOT_IN_REVIEW/)
  expect(await ana(RECORD)).toMatch(/IN_REVIEW, at revision 3$/)
})

test('recording and reviewing need rights of their own', async () => {
  const app = await startService()
  const record = `mutation { recordBootstrapDecision(input: { modelVersionId: "m", rationale: "r" }) { errors { code } } }`
  const review = `mutation { reviewBootstrapDecision(input: { modelVersionId: "m", revision: 1, approved: true, comment: "c" }) { errors { code } } }`
  const writer = testIdentity('ana', ['experiments:read', 'experiments:write'])
  const reviewer = testIdentity('bob', ['experiments:read', 'experiments:review'])
  expect(errorCodes(await query(app, review, {}, writer))).toEqual(['FORBIDDEN'])
  expect(errorCodes(await query(app, record, {}, reviewer))).toEqual(['FORBIDDEN'])
  expect(errorCodes(await query(app, record, {}, null))).toEqual(['UNAUTHENTICATED'])
  const nobody = testIdentity('eve', ['audit:read'])
  expect(errorCodes(await query(app, '{ bootstrapDecisions { status } }', {}, nobody))).toEqual(['FORBIDDEN'])
})
