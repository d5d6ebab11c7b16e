import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parsePublicKeys, readDecision } from '@bulkhead/contracts'
import { expect, onTestFinished, test } from 'vitest'
import { apiSettings, runExperimentation } from './harness/commands.ts'
import { describeOnBoth, shareStack } from './harness/datastores.ts'
import { type Stack, startStack } from './harness/stack.ts'
import type { User } from './harness/token.ts'
import { waitUntil } from './harness/wait-until.ts'

const FIELDS = `experiment { key status revision version } errors { code message }`

const CREATE = `mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { ${FIELDS} } }`

const STATE = /* GraphQL */ `
  query ($key: ID!) {
    experiment(key: $key) {
      status revision createdBy
      reviews { by approved comment }
      metrics { role metric { key version kind } }
      plan { hash method plannedSampleSize }
      decision { outcome variantKey decidedBy reviewedBy signature keyId }
      audit(first: 50) { nodes { sequence by action reason hash } pageInfo { hasNextPage } }
    }
  }
`

const DRAFT = {
  name: 'Fewer of one creator',
  hypothesis: 'More variety is played longer.',
  owner: 'e2e',
  surfaces: ['governance'],
  variants: [
    { key: 'control', name: 'As it is', weight: 0.5, isControl: true },
    { key: 'varied', name: 'Two of a creator', weight: 0.5, payload: { diversity: { maxPerCreator: 2 } } },
  ],
}

describeOnBoth('governance', (acquire) => {
  let stack: Stack
  shareStack(
    acquire,
    (started) => {
      stack = started
    },
    { demo: false, env: { experimentation: { REVIEW_QUORUM: '1' } } },
  )

  async function state(key: string) {
    const { data, errors } = await stack.query(STATE, { key })
    expect(errors).toEqual([])
    return data.experiment
  }

  /** Calls a mutation on the current revision; its input type is the one that the mutation needs. */
  async function act(
    name: string,
    key: string,
    as: User,
    input: Record<string, unknown> = { reason: 'e2e' },
  ) {
    const { revision } = await state(key)
    const types: Readonly<Record<string, string>> = {
      updateExperiment: 'UpdateExperimentInput',
      reviewExperiment: 'ReviewInput',
      reviewDecision: 'ReviewInput',
      recordDecision: 'RecordDecisionInput',
    }
    const { data, errors } = await stack.query(
      `mutation ($input: ${types[name] ?? 'ExperimentActionInput'}!) { ${name}(input: $input) { ${FIELDS} } }`,
      { input: { key, revision, ...input } },
      { as },
    )
    expect(errors).toEqual([])
    const { experiment, errors: refusals } = data[name]
    return experiment?.status ?? refusals.map(({ code }: { code: string }) => code).join()
  }

  const approve = { approved: true, comment: 'as planned' }

  test('two people take an experiment from its draft to the archive, and every step is in the audit log', async () => {
    const key = 'journey'
    const metric = { key: 'plays', name: 'Plays', kind: 'COUNT', event: 'PLAY' }
    await stack.query(
      'mutation ($input: MetricInput!) { createMetric(input: $input) { errors { code } } }',
      { input: metric },
      { as: 'ana' },
    )
    const input = {
      ...DRAFT,
      key,
      metrics: [{ metricKey: 'plays', role: 'SUCCESS', margin: 0.01 }],
      plan: { method: 'GROUP_SEQUENTIAL', spending: 'OBRIEN_FLEMING', looks: 4, plannedSampleSize: 1000 },
    }
    const created = await stack.query(CREATE, { input }, { as: 'ana' })
    expect(created.data.createExperiment).toMatchObject({ experiment: { status: 'DRAFT' }, errors: [] })

    expect(await act('startExperiment', key, 'ana')).toBe('ILLEGAL_TRANSITION')
    expect(await act('submitForReview', key, 'ana')).toBe('IN_REVIEW')
    expect(await act('reviewExperiment', key, 'ana', approve)).toBe('OWN_WORK')
    expect(await act('startExperiment', key, 'ana')).toBe('ILLEGAL_TRANSITION')
    expect(await act('updateExperiment', key, 'ed', { name: 'Variety' })).toBe('DRAFT')
    expect(await act('submitForReview', key, 'ana')).toBe('IN_REVIEW')
    expect(await act('reviewExperiment', key, 'ed', approve)).toBe('OWN_WORK')
    const rejection = { approved: false, comment: 'what is it for?' }
    expect(await act('reviewExperiment', key, 'ben', rejection)).toBe('DRAFT')
    expect(await act('submitForReview', key, 'ana')).toBe('IN_REVIEW')
    expect(await act('reviewExperiment', key, 'ben', approve)).toBe('APPROVED')
    expect(await act('startExperiment', key, 'ana')).toBe('RUNNING')
    expect(await act('submitForReview', key, 'ana')).toBe('ILLEGAL_TRANSITION')
    expect(await act('updateExperiment', key, 'ana', { plan: { alpha: 0.2 } })).toBe('FROZEN')
    expect(await act('pauseExperiment', key, 'ana')).toBe('PAUSED')
    expect(await act('resumeExperiment', key, 'ana')).toBe('RUNNING')
    expect(await act('recordDecision', key, 'ana', { outcome: 'ITERATE', rationale: 'r' })).toBe(
      'ILLEGAL_TRANSITION',
    )
    expect(await act('stopExperiment', key, 'ana')).toBe('STOPPED')
    const decision = { outcome: 'SHIP', variantKey: 'varied', rationale: 'It is played longer.' }
    expect(await act('recordDecision', key, 'ana', { ...decision, variantKey: 'none' })).toBe('INVALID_INPUT')
    expect(await act('recordDecision', key, 'ana', { ...decision, analysisId: 'none' })).toBe('INVALID_INPUT')
    expect(await act('recordDecision', key, 'ana', decision)).toBe('STOPPED')
    expect(await act('reviewDecision', key, 'ana', approve)).toBe('OWN_WORK')
    expect(await act('archiveExperiment', key, 'ana')).toBe('ILLEGAL_TRANSITION')
    expect(await act('reviewDecision', key, 'ben', approve)).toBe('DECIDED')
    expect(await act('archiveExperiment', key, 'ana')).toBe('ARCHIVED')
    expect(await act('archiveExperiment', key, 'ana')).toBe('ILLEGAL_TRANSITION')

    const archived = await state(key)
    expect(archived).toMatchObject({
      status: 'ARCHIVED',
      createdBy: 'ana',
      reviews: [
        { by: 'ben', approved: false, comment: 'what is it for?' },
        { by: 'ben', approved: true, comment: 'as planned' },
      ],
      metrics: [{ role: 'SUCCESS', metric: { key: 'plays', version: 1, kind: 'COUNT' } }],
      plan: { hash: expect.stringMatching(/^[0-9a-f]{64}$/), plannedSampleSize: 1000 },
      decision: { outcome: 'SHIP', variantKey: 'varied', decidedBy: 'ana', reviewedBy: 'ben' },
    })
    expect(archived.audit.nodes.map(({ by, action }: Record<string, string>) => `${by} ${action}`)).toEqual([
      'ana createExperiment',
      'ana submitForReview',
      'ed updateExperiment',
      'ana submitForReview',
      'ben reviewExperiment',
      'ana submitForReview',
      'ben reviewExperiment',
      'ana startExperiment',
      'ana pauseExperiment',
      'ana resumeExperiment',
      'ana stopExperiment',
      'ana recordDecision',
      'ben reviewDecision',
      'ana archiveExperiment',
    ])
    expect(archived.revision).toBe(archived.audit.nodes.length)

    const decided = await stack.query(
      '{ decisions(filter: { outcomes: [SHIP] }) { totalCount nodes { experimentKey signature } } }',
    )
    expect(decided.data.decisions).toMatchObject({ totalCount: 1, nodes: [{ experimentKey: key }] })
  })

  test('the signed decision can be verified with the published key, from the audit log alone', async () => {
    const { data } = await stack.query(
      '{ auditLog(filter: { actions: ["reviewDecision"] }, first: 1) { nodes { after } } }',
    )
    const record = data.auditLog.nodes[0].after.decision.signed
    const { signingKeyId, publicKey } = stack.secrets
    const keyring = parsePublicKeys(`${signingKeyId}:${publicKey}`)
    expect(readDecision(record, keyring)).toMatchObject({ outcome: 'SHIP', reviewedBy: ['ben'] })
    expect(readDecision({ ...record, outcome: 'ROLLBACK' }, keyring)).toBeNull()
  })

  test('reviews and the audit log need rights of their own', async () => {
    const writer = { name: 'ana', scopes: ['experiments:read', 'experiments:write'] }
    const denied = await stack.query('{ auditLog { nodes { sequence } } }', {}, { as: writer })
    expect(denied.data.auditLog).toBeNull()
    expect(denied.errors).toHaveLength(1)
    const nested = await stack.query(
      '{ experiment(key: "journey") { key audit { nodes { sequence } } } }',
      {},
      { as: writer },
    )
    expect(nested.data.experiment).toEqual({ key: 'journey', audit: null })
    const review = await stack.query(
      'mutation { reviewExperiment(input: { key: "journey", revision: 1, approved: true, comment: "c" }) { errors { code } } }',
      {},
      { as: writer },
    )
    expect(review.data.reviewExperiment).toBeNull()
    expect(review.errors).toHaveLength(1)
  })

  test('the command line takes an experiment through its life as whoever has the token, over the gateway', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'governance-')), 'experiment.json')
    onTestFinished(() => rm(dirname(file), { recursive: true, force: true }))
    const key = 'by-hand'
    const plan = { noAnalysis: true }
    await writeFile(file, JSON.stringify({ ...DRAFT, key, surfaces: ['by-hand'], plan }))
    async function cli(as: User, ...args: readonly string[]): Promise<string> {
      return runExperimentation(stack, args, await apiSettings(stack, as))
    }
    expect(await cli('ana', 'create', file)).toMatch(/^experiment "by-hand" is DRAFT/)
    expect(await cli('ana', 'submit', key)).toMatch(/IN_REVIEW/)
    const review = ['review', key, '--approve', '--comment', 'as planned']
    await expect(cli('ana', ...review)).rejects.toThrow(/exited with 1:\nexperimentation: OWN_WORK/)
    const reader = { name: 'ben', scopes: ['experiments:read'] }
    await expect(cli(reader, ...review)).rejects.toThrow(/exited with 1:\nexperimentation: .*BULKHEAD_TOKEN/)
    expect(await cli('ben', ...review)).toMatch(/APPROVED/)
    expect(await cli('ana', 'start', key)).toMatch(/RUNNING/)
    expect(await cli('ana', 'pause', key, '--reason', 'too loud')).toMatch(/PAUSED/)
    expect(await cli('ana', 'resume', key)).toMatch(/RUNNING/)
    expect(await cli('ana', 'stop', key)).toMatch(/STOPPED/)
    const list = await cli(reader, 'list', '--status', 'stopped', '--owner', DRAFT.owner)
    expect(list).toMatch(/^by-hand +STOPPED +7 +1 +e2e /m)
    const shown = await cli(reader, 'show', key)
    expect(shown).toMatch(/^by-hand: STOPPED, revision 7/)
    expect(shown).toMatch(/^approved .* by ben: as planned$/m)
    const { audit } = await state(key)
    expect(
      audit.nodes.map(({ by, action, reason }: Record<string, string>) => [by, action, reason]),
    ).toContainEqual(['ana', 'pauseExperiment', 'too loud'])
  })

  test('the audit log is intact after all of this', async () => {
    expect(await verify(stack)).toMatch(/^the audit log is intact: \d+ entries\n$/)
  })
})

function verify(stack: Stack): Promise<string> {
  return runExperimentation(stack, ['audit', 'verify'])
}

test('a log that was tampered with is found, with the place', async () => {
  const stack = await startStack({ demo: true })
  onTestFinished(() => stack.stop())
  expect(await verify(stack)).toMatch(/intact: 5 entries/)
  const db = new DatabaseSync(stack.datastores.experimentation.slice('sqlite:'.length))
  onTestFinished(() => db.close())
  db.exec(`UPDATE audit SET body = replace(body, 'demo-reviewer-1', 'demo') WHERE sequence = 4`)
  await expect(verify(stack)).rejects.toThrow(
    /entry 4: experiment:home-mix: the entry does not match its hash/,
  )
})

const THOUSAND = 1_000
const AT_ONCE = 50
const REACHES_WITHIN_MS = 5_000

test('a pause among a thousand running experiments reaches personalization within 5 s', {
  timeout: 180_000,
}, async () => {
  // With the intervals of a deployment that sets none.
  const stack = await startStack({ demo: true, env: { personalization: { SNAPSHOT_INTERVAL_MS: '1000' } } })
  onTestFinished(() => stack.stop())
  const variants = Array.from({ length: 20 }, (_, index) => ({
    key: `variant-${index}-${'x'.repeat(60)}`,
    name: `${index}`,
    weight: 0.05,
    isControl: index === 0,
    payload: {
      sources: [
        { name: 'model', weight: 0.7 },
        { name: 'popular', weight: 0.3 },
      ],
      diversity: { maxPerCreator: 1 + index },
      exploration: { epsilon: 0.05 },
    },
  }))
  const keys = Array.from({ length: THOUSAND - 1 }, (_, index) => `e${index}`)
  const start = `mutation ($input: ExperimentActionInput!) { startExperiment(input: $input) { ${FIELDS} } }`
  async function startOne(key: string): Promise<void> {
    const input = { ...DRAFT, key, surfaces: [key], variants, plan: { noAnalysis: true } }
    const created = await stack.query(CREATE, { input })
    expect(created.data.createExperiment.errors).toEqual([])
    const started = await stack.query(start, { input: { key, revision: 1, reason: 'e2e' } })
    expect(started.data.startExperiment.errors).toEqual([])
  }
  const waiting = [...keys]
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) await startOne(key)
    }),
  )
  await stack.snapshotArrives()

  const evaluated = () => stack.metric('personalization', 'bulkhead_snapshot_version')
  const before = await evaluated()
  const pausedAt = performance.now()
  const { data } = await stack.query(
    `mutation ($input: ExperimentActionInput!) { pauseExperiment(input: $input) { ${FIELDS} } }`,
    { input: { key: 'e0', revision: 2, reason: 'e2e' } },
  )
  expect(data.pauseExperiment).toMatchObject({ experiment: { status: 'PAUSED' }, errors: [] })
  await waitUntil('the pause arrives', async () => (await evaluated()) > before)
  expect(performance.now() - pausedAt).toBeLessThan(REACHES_WITHIN_MS)
})
