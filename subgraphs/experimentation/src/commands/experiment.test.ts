import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApiClient } from '@bulkhead/service/api/api-client'
import { testIdentity } from '@bulkhead/service/testing/test-identity'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { runAnalysisByApi } from '../api/run-analysis.ts'
import type { ExperimentRequest } from '../command-line/experiment.ts'
import { createExposureCounting } from '../services/exposure-counting.ts'
import { ANALYSED_AT, ANALYSED_KEY, storeAnalysedExperiment } from '../testing/analysed-experiment.ts'
import { fixedClock, openTestStore, query, startTestApp, type TestApp } from '../testing/test-app.ts'
import { runExperimentCommand } from './experiment.ts'

const folder = await mkdtemp(join(tmpdir(), 'experiment-command-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
let files = 0

async function startService(): Promise<TestApp> {
  const app = await startTestApp()
  onTestFinished(() => app.stop())
  return app
}

type Sent = { readonly query: string; readonly variables: Record<string, unknown> }

/** Commands of one person, on the service itself; `sent` is what they have asked of it. */
function terminalOf(app: TestApp, subject: string) {
  const sent: Sent[] = []
  const progress: string[] = []
  const client = createApiClient({
    url: 'http://service/graphql',
    token: null,
    async fetch(_, request) {
      const asked: Sent = JSON.parse(String(request?.body))
      sent.push(asked)
      return Response.json(await query(app, asked.query, asked.variables, testIdentity(subject)))
    },
  })
  function run(request: ExperimentRequest, json = false): Promise<string> {
    return runExperimentCommand({ request, json }, { client, onProgress: (line) => progress.push(line) })
  }
  return { run, client, sent, progress }
}

async function fileOf(content: unknown): Promise<string> {
  files += 1
  const file = join(folder, `experiment-${files}.json`)
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

const DRAFT = {
  key: 'radio',
  name: 'Radio \u001b[31mred',
  hypothesis: 'It is played more.',
  owner: 'rae',
  surfaces: ['radio'],
  plan: { noAnalysis: true },
  variants: [
    { key: 'control', name: 'Control', weight: 0.5, isControl: true },
    { key: 'varied', name: 'Varied', weight: 0.5, payload: { diversity: { maxPerCreator: 1 } } },
  ],
}

function step(name: 'submit' | 'start' | 'pause' | 'resume' | 'stop', revision: number | null = null) {
  return { type: 'step', step: name, key: 'radio', revision, reason: 'because' } as const
}

test('an experiment goes from a file to its end, under the names of those who ask', async () => {
  const app = await startService()
  const ana = terminalOf(app, 'ana')
  const bob = terminalOf(app, 'bob')
  const file = await fileOf(DRAFT)
  expect(await ana.run({ type: 'create', file })).toBe(
    'experiment "radio" is DRAFT, at revision 1 and version 1',
  )
  expect(await ana.run(step('submit'))).toMatch(/is IN_REVIEW, at revision 2/)
  const review = { type: 'review', key: 'radio', revision: 2, approved: true, comment: 'as planned' } as const
  await expect(ana.run(review)).rejects.toThrow(/^OWN_WORK \(key\): You have written this experiment/)
  expect(await bob.run(review)).toMatch(/is APPROVED, at revision 3/)
  expect(await ana.run(step('start'))).toMatch(/is RUNNING, at revision 4 and version 1/)
  expect(await ana.run(step('pause'))).toMatch(/is PAUSED, at revision 5/)
  expect(JSON.parse(await ana.run(step('resume', 5), true))).toMatchObject({
    key: 'radio',
    status: 'RUNNING',
    revision: 6,
  })
  expect(await ana.run(step('stop'))).toMatch(/is STOPPED, at revision 7/)

  const audit = '{ auditLog(filter: { subject: "experiment:radio" }) { nodes { by action reason } } }'
  const { data } = await query(app, audit)
  expect(data.auditLog.nodes.map(({ by, action }: Record<string, string>) => `${by} ${action}`)).toEqual([
    'ana createExperiment',
    'ana submitForReview',
    'bob reviewExperiment',
    'ana startExperiment',
    'ana pauseExperiment',
    'ana resumeExperiment',
    'ana stopExperiment',
  ])
  expect(data.auditLog.nodes.at(-1)).toMatchObject({ reason: 'because' })
})

test('a rejection sends it back, and an old revision is refused', async () => {
  const app = await startService()
  const ana = terminalOf(app, 'ana')
  await ana.run({ type: 'create', file: await fileOf(DRAFT) })
  await expect(ana.run(step('submit', 7))).rejects.toThrow(
    /^REVISION_CONFLICT \(revision\): The experiment is at revision 1, not 7/,
  )
  await ana.run(step('submit'))
  const rejection = { approved: false, comment: 'what for?', revision: null } as const
  expect(await terminalOf(app, 'bob').run({ type: 'review', key: 'radio', ...rejection })).toMatch(/is DRAFT/)
  const shown = await ana.run({ type: 'show', key: 'radio' })
  expect(shown).toMatch(/^REJECTED .* by bob: what for\?$/m)
})

test('a pause is one request, which needs no revision', async () => {
  const ana = terminalOf(await startService(), 'ana')
  await ana.run({ type: 'step', step: 'pause', key: 'mix', revision: null, reason: 'errors' })
  expect(ana.sent.map(({ query: document }) => /\w+Experiment(?=\(input)/.exec(document)?.[0])).toEqual([
    'pauseExperiment',
  ])
})

test('every field that is refused is named, and what is no input is not sent', async () => {
  const ana = terminalOf(await startService(), 'ana')
  const [control] = DRAFT.variants
  const wrong = { ...DRAFT, coverage: 2, owner: '', variants: [control] }
  const refused = ana.run({ type: 'create', file: await fileOf(wrong) })
  await expect(refused).rejects.toThrow(/INVALID_INPUT \(coverage\): coverage .*; INVALID_INPUT/)
  await expect(refused).rejects.toThrow(/INVALID_INPUT \(owner\)/)
  await expect(refused).rejects.toThrow(/INVALID_INPUT \(variants/)
  await expect(ana.run({ type: 'create', file: await fileOf({ ...DRAFT, colour: 'red' }) })).rejects.toThrow(
    /BAD_USER_INPUT: .*colour/,
  )
  const before = ana.sent.length
  for (const text of ['{', '[]', '"radio"']) {
    await expect(ana.run({ type: 'create', file: await fileOf(text) })).rejects.toThrow(
      /holds no JSON object/,
    )
  }
  await expect(ana.run({ type: 'create', file: join(folder, 'none.json') })).rejects.toThrow(
    /none\.json cannot be read/,
  )
  expect(ana.sent).toHaveLength(before)
})

test.each<ExperimentRequest>([
  { type: 'show', key: 'none' },
  { type: 'step', step: 'start', key: 'none', revision: null, reason: 'r' },
  { type: 'step', step: 'pause', key: 'none', revision: null, reason: 'r' },
  { type: 'review', key: 'none', revision: null, approved: true, comment: 'c' },
])('$type of an experiment that is not there says so', async (request) => {
  const ana = terminalOf(await startService(), 'ana')
  await expect(ana.run(request)).rejects.toMatchObject({
    name: 'StartupError',
    message: expect.stringMatching(/^EXPERIMENT_NOT_FOUND/),
  })
})

test('a list is read page by page, and told how far it is', async () => {
  const app = await startService()
  for (let number = 0; number < 101; number += 1) {
    const input = { ...DRAFT, key: `draft-${number}`, owner: number % 2 === 0 ? 'rae' : 'sam' }
    const create = 'mutation ($i: CreateExperimentInput!) { createExperiment(input: $i) { errors { code } } }'
    expect((await query(app, create, { i: input })).data.createExperiment.errors).toEqual([])
  }
  const ana = terminalOf(app, 'ana')
  const all: { readonly key: string }[] = JSON.parse(
    await ana.run({ type: 'list', statuses: [], owner: null }, true),
  )
  expect(new Set(all.map(({ key }) => key)).size).toBe(102)
  expect(ana.progress).toEqual(['100 of 102 experiments read'])

  const lines = (await ana.run({ type: 'list', statuses: ['DRAFT', 'STOPPED'], owner: 'sam' })).split('\n')
  expect(lines).toHaveLength(51)
  expect(lines[0]).toMatch(/^experiment +status +revision +version +owner/)
  // What somebody has put into a name is not obeyed by the terminal.
  expect(lines[1]).toMatch(/^draft-\d+ +DRAFT +1 +1 +sam +\d{4}-\d\d-\d\d +- +- +Radio {2}\[31mred$/)
  expect(await ana.run({ type: 'list', statuses: ['DECIDED'], owner: null })).toBe('No experiments.')
})

test('an experiment is shown with what was planned, counted, computed and decided', async () => {
  const store = await openTestStore()
  await storeAnalysedExperiment(store, { segments: ['country'] })
  const app = await startTestApp({ store, now: ANALYSED_AT })
  onTestFinished(() => app.stop())
  const ana = terminalOf(app, 'ana')
  const show = { type: 'show', key: ANALYSED_KEY } as const
  expect(await ana.run(show)).toContain('No stored results; `analyze radio-mix --store` makes some.')

  const counting = createExposureCounting({ store, clock: fixedClock(ANALYSED_AT), delayMs: 0 })
  while (await counting.step()) {}
  const { id } = await runAnalysisByApi(ana.client, {
    experimentKey: ANALYSED_KEY,
    cutoff: ANALYSED_AT,
    timeoutMs: 60_000,
  })
  await ana.run({ ...step('stop'), key: ANALYSED_KEY })
  const decide = `mutation ($i: RecordDecisionInput!) { recordDecision(input: $i) { errors { code message } } }`
  const decision = { outcome: 'ITERATE', rationale: 'Louder is not enough.' }
  const input = { key: ANALYSED_KEY, revision: 5, analysisId: id, ...decision }
  expect((await query(app, decide, { i: input })).data.recordDecision.errors).toEqual([])

  const report = await ana.run(show)
  expect(report).toMatch(/^radio-mix: STOPPED, revision 6, version 1$/m)
  expect(report).toMatch(/^owner ana, created .*Z by ana, started .*Z, stopped .*Z$/m)
  expect(report).toMatch(/^userId on radio, coverage 100 %, trigger SERVE$/m)
  expect(report).toMatch(/^control \(control\) +0\.5 +20 +20 +-$/m)
  expect(report).toMatch(/^treatment +0\.5 +20 +20 +\{"sources":/m)
  expect(report).toMatch(/^plan [0-9a-f]{12}: FIXED_HORIZON, .*, 40 units, by country$/m)
  expect(report).toMatch(/^plays +1 +MEAN +GUARDRAIL +0\.01$/m)
  expect(report).toMatch(/^approved .*Z by reviewer: test$/m)
  expect(report).toMatch(/^SERVED_SAMPLE_RATIO +(yes|NO) /m)
  expect(report).toMatch(new RegExp(`^analysis ${id.slice(0, 12)}: 40 units until .*, windows complete`, 'm'))
  expect(report).toMatch(/^plays +SUCCESS +treatment +\+\d+\.\d\d % +\[\+.*\] +\d.*-o-/m)
  expect(report).toMatch(/^Recommendation: SHIP treatment$/m)
  expect(report).toMatch(/^Decision: ITERATE, .*Z by ana, not approved\n {2}Louder is not enough\.$/m)
  expect(JSON.parse(await ana.run(show, true))).toMatchObject({
    key: ANALYSED_KEY,
    results: { id },
    decision,
    exposureCounts: [{ units: 20 }, { units: 20 }],
  })
})
