import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleDraft } from '../testing/samples.ts'
import { experimentChanges } from './audit/entry.ts'
import { EXPERIMENT_STATUSES, type Experiment, type ExperimentStatus } from './experiment.ts'
import { LIFECYCLE_ACTIONS, legalActions, MAX_REVISIONS, moveTo, refuseAction } from './lifecycle.ts'
import { type AnalysisPlan, EMPTY_PLAN } from './plan/analysis-plan.ts'
import {
  type ChangeResult,
  recordDecision,
  reviewDecision,
  reviewExperiment,
  type SignDecision,
  takeStep,
} from './steps.ts'
import { validateExperiment } from './validate-experiment.ts'

function newExperiment(overrides: Partial<Experiment> = {}): Experiment {
  const reading = validateExperiment(sampleDraft(), { at: 0, by: 'ana' })
  if (reading.type !== 'valid') throw new Error('the sample is invalid')
  return { ...reading.experiment, ...overrides }
}

const sign: SignDecision = (record) => ({ ...record, keyId: 'k', signature: 'c2ln' })
const decision = { outcome: 'ITERATE', rationale: 'r' } as const

/** Everything that somebody can ask for, by people who may, but for edits. */
const COMMANDS: Readonly<
  Record<string, (experiment: Experiment, at: number, quorum: number) => ChangeResult>
> = {
  submit: (e, at, q) => takeStep(e, 'submit', { at, by: 'ana', reason: 'r' }, q),
  approve: (e, at, q) => reviewExperiment(e, true, { at, by: `reviewer-${at}`, reason: 'r' }, q),
  reject: (e, at, q) => reviewExperiment(e, false, { at, by: 'ben', reason: 'r' }, q),
  start: (e, at, q) => takeStep(e, 'start', { at, by: 'ana', reason: 'r' }, q),
  pause: (e, at, q) => takeStep(e, 'pause', { at, by: 'ana', reason: 'r' }, q),
  resume: (e, at, q) => takeStep(e, 'resume', { at, by: 'ana', reason: 'r' }, q),
  stop: (e, at, q) => takeStep(e, 'stop', { at, by: 'ana', reason: 'r' }, q),
  decide: (e, at, quorum) =>
    recordDecision(
      e,
      decision,
      { at, by: 'ana', artefactHashes: new Map(), analysis: null },
      { quorum, sign },
    ),
  'approve-decision': (e, at, quorum) =>
    reviewDecision(e, true, { at, by: `reviewer-${at}`, reason: 'r' }, { quorum, sign }),
  'reject-decision': (e, at, quorum) =>
    reviewDecision(e, false, { at, by: 'ben', reason: 'r' }, { quorum, sign }),
  archive: (e, at, q) => takeStep(e, 'archive', { at, by: 'ana', reason: 'r' }, q),
}
const commands = Object.keys(COMMANDS)

function run(experiment: Experiment, command: string, at: number, quorum: number): ChangeResult {
  const take = COMMANDS[command]
  if (take === undefined) throw new Error(command)
  return take(experiment, at, quorum)
}

function after(path: readonly string[], quorum = 1): Experiment {
  return path.reduce((experiment, command, index) => {
    const result = run(experiment, command, index + 1, quorum)
    return result.type === 'changed' ? result.experiment : experiment
  }, newExperiment())
}

const STARTED = ['submit', 'approve', 'start']
const PATHS: Readonly<Record<ExperimentStatus, readonly string[]>> = {
  DRAFT: [],
  IN_REVIEW: ['submit'],
  APPROVED: ['submit', 'approve'],
  RUNNING: STARTED,
  PAUSED: [...STARTED, 'pause'],
  STOPPED: [...STARTED, 'stop'],
  DECIDED: [...STARTED, 'stop', 'decide', 'approve-decision'],
  ARCHIVED: [...STARTED, 'stop', 'decide', 'approve-decision', 'archive'],
}

test('exactly the steps of the lifecycle are legal, and lead where it says', () => {
  const steps = EXPERIMENT_STATUSES.flatMap((status) => {
    const experiment = after(PATHS[status])
    expect(experiment.status).toBe(status)
    return commands.flatMap((command) => {
      const result = run(experiment, command, 100, 1)
      return result.type === 'changed' ? [`${status} ${command} ${result.experiment.status}`] : []
    })
  })
  expect(steps).toEqual([
    'DRAFT submit IN_REVIEW',
    'DRAFT archive ARCHIVED',
    'IN_REVIEW approve APPROVED',
    'IN_REVIEW reject DRAFT',
    'APPROVED approve APPROVED',
    'APPROVED reject DRAFT',
    'APPROVED start RUNNING',
    'RUNNING pause PAUSED',
    'RUNNING stop STOPPED',
    'PAUSED resume RUNNING',
    'PAUSED stop STOPPED',
    'STOPPED decide STOPPED',
    'DECIDED archive ARCHIVED',
  ])
  const decided = after([...PATHS.STOPPED, 'decide'])
  const further = commands.filter((command) => run(decided, command, 100, 1).type === 'changed')
  expect(further).toEqual(['decide', 'approve-decision', 'reject-decision'])
})

test('without a quorum a draft can be started, and what says so is recorded', () => {
  expect(run(newExperiment(), 'start', 1, 1)).toEqual({
    type: 'refused',
    refusal: {
      type: 'illegal-transition',
      action: 'start',
      from: 'DRAFT',
      legal: ['edit', 'submit', 'archive'],
    },
  })
  expect(after(['start'], 0)).toMatchObject({ status: 'RUNNING', startQuorum: 0, reviews: [] })
  expect(after(['submit', 'start'], 0)).toMatchObject({ status: 'RUNNING', startQuorum: 0 })
  expect(after(STARTED, 1)).toMatchObject({ status: 'RUNNING', startQuorum: 1 })
  expect(after(['start', 'stop', 'decide'], 0)).toMatchObject({
    status: 'DECIDED',
    decision: { quorum: 0, reviews: [], signed: { reviewedBy: [], keyId: 'k' } },
  })
})

test('an illegal step names the legal ones', () => {
  for (const status of EXPERIMENT_STATUSES) {
    const experiment = after(PATHS[status])
    for (const action of LIFECYCLE_ACTIONS) {
      const legal = legalActions(experiment, 1)
      expect(refuseAction(experiment, action, 1)).toEqual(
        legal.includes(action) ? null : { type: 'illegal-transition', action, from: status, legal },
      )
    }
  }
  expect(legalActions(after(PATHS.RUNNING), 1)).toEqual(['edit', 'pause', 'stop'])
})

test('start and stop leave their times, pausing does not', () => {
  const stopped = after([...STARTED, 'pause', 'resume', 'stop'])
  expect(stopped).toMatchObject({ status: 'STOPPED', startedAt: 3, stoppedAt: 6, revision: 7, version: 1 })
  expect(stopped.versions).toMatchObject([{ version: 1, since: 3, ramp: [{ at: 3, coverage: 1 }] }])
})

test('an approval counts once for each person and for what was submitted then', () => {
  const twice = reviewExperiment(
    after(['submit', 'approve'], 2),
    true,
    { at: 9, by: 'reviewer-2', reason: 'r' },
    2,
  )
  expect(twice).toEqual({ type: 'refused', refusal: { type: 'already-approved', by: 'reviewer-2' } })
  expect(after(['submit', 'approve'], 2).status).toBe('IN_REVIEW')
  expect(after(['submit', 'approve', 'approve'], 2).status).toBe('APPROVED')
  // The first approval was given before the rejection.
  expect(after(['submit', 'approve', 'reject', 'submit', 'approve'], 2).status).toBe('IN_REVIEW')
})

test('nobody reviews what they have written or decided', () => {
  const submitted = { ...after(['submit']), authors: ['ana', 'editor'] }
  for (const by of ['ana', 'editor']) {
    for (const approved of [true, false]) {
      expect(reviewExperiment(submitted, approved, { at: 9, by, reason: 'r' }, 1)).toEqual({
        type: 'refused',
        refusal: { type: 'own-work', by, what: 'experiment' },
      })
    }
  }
  const decided = after([...PATHS.STOPPED, 'decide'])
  expect(reviewDecision(decided, true, { at: 9, by: 'ana', reason: 'r' }, { quorum: 1, sign })).toEqual({
    type: 'refused',
    refusal: { type: 'own-work', by: 'ana', what: 'decision' },
  })
})

test('approvals under a lower quorum are not enough for a start under a higher one', () => {
  const approved = after(['submit', 'approve'], 1)
  expect(run(approved, 'start', 9, 2)).toEqual({
    type: 'refused',
    refusal: { type: 'approvals-missing', approvals: 1, needed: 2 },
  })
  const more = run(approved, 'approve', 10, 2)
  expect(more.type === 'changed' && run(more.experiment, 'start', 11, 2).type).toBe('changed')
})

test('approvals that are enough under a quorum that was lowered later need nobody else', () => {
  const reviewed = after(['submit', 'approve'], 2)
  expect(reviewed.status).toBe('IN_REVIEW')
  expect(run(reviewed, 'start', 9, 2)).toMatchObject({ refusal: { type: 'illegal-transition' } })
  expect(run(reviewed, 'start', 9, 1)).toMatchObject({
    experiment: { status: 'RUNNING', startQuorum: 1, reviews: [{ by: 'reviewer-2' }] },
  })
  // Its approval was for what was submitted before.
  expect(run(after(['submit', 'approve', 'reject', 'submit'], 2), 'start', 9, 1).type).toBe('refused')

  const decided = after(['submit', 'approve', 'approve', 'start', 'stop', 'decide', 'approve-decision'], 2)
  const again = (by: string, quorum: number) =>
    reviewDecision(decided, true, { at: 9, by, reason: 'r' }, { quorum, sign })
  expect(again('reviewer-7', 2)).toMatchObject({ refusal: { type: 'already-approved' } })
  expect(again('ana', 1)).toMatchObject({ refusal: { type: 'own-work' } })
  expect(again('reviewer-7', 1)).toMatchObject({
    experiment: { status: 'DECIDED', decision: { quorum: 1, signed: { reviewedBy: ['reviewer-7'] } } },
  })
})

test('reviews fill no more than an audit entry can hold twice', () => {
  let experiment = after(['submit'])
  const facts = { by: 'ben', reason: '\u4e2d'.repeat(1_000) }
  for (let at = 2; ; at++) {
    const result = reviewExperiment(experiment, false, { at, ...facts }, 1)
    if (result.type === 'refused') {
      expect(result.refusal).toEqual({ type: 'too-many-reviews', limit: 40_000 })
      break
    }
    const changes = experimentChanges(experiment, result.experiment)
    expect(Buffer.byteLength(JSON.stringify(changes))).toBeLessThan(100_000)
    experiment = moveTo(result.experiment, 'IN_REVIEW', { at, ...facts })
  }
  expect(experiment.reviews).toHaveLength(13)
})

test('however often it was changed, an experiment can be switched off and concluded, and nothing else', () => {
  const running = { ...after(STARTED), revision: MAX_REVISIONS }
  expect(run(running, 'pause', 9, 1).type).toBe('changed')
  expect(run(running, 'stop', 9, 1).type).toBe('changed')
  expect(refuseAction(running, 'edit', 1)).toEqual({ type: 'too-many-changes', limit: MAX_REVISIONS })
  const paused = { ...after([...STARTED, 'pause']), revision: MAX_REVISIONS }
  expect(refuseAction(paused, 'resume', 1)).toMatchObject({ type: 'too-many-changes' })
})

test('on any path the revision counts the changes, the history links them, and nothing is assigned without its quorum', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...commands), { maxLength: 30 }),
      fc.integer({ min: 0, max: 2 }),
      (path, quorum) => {
        let experiment = newExperiment()
        let changes = 0
        for (const [index, command] of path.entries()) {
          const before = experiment
          const result = run(before, command, index + 1, quorum)
          if (result.type === 'refused') continue
          experiment = result.experiment
          changes += 1
          if (experiment.status !== before.status) {
            expect(experiment.history.at(-1)).toMatchObject({ from: before.status, to: experiment.status })
          }
        }
        expect(experiment.revision).toBe(1 + changes)
        expect(experiment.version).toBe(1)
        for (const [index, { from }] of experiment.history.entries()) {
          expect(from).toBe(experiment.history[index - 1]?.to ?? 'DRAFT')
        }
        if (experiment.startedAt !== null) {
          const approving = new Set(experiment.reviews.filter(({ approved }) => approved).map(({ by }) => by))
          expect(approving.size).toBeGreaterThanOrEqual(quorum)
        }
        if (experiment.status === 'DECIDED') {
          expect(experiment.decision?.signed?.reviewedBy.length).toBeGreaterThanOrEqual(quorum)
        }
      },
    ),
  )
})

test('a step keeps what it does not change', () => {
  const before = newExperiment()
  const {
    status: _s,
    revision: _r,
    history: _h,
    ...rest
  } = moveTo(before, 'IN_REVIEW', {
    at: 1,
    by: 'ana',
    reason: 'r',
  })
  expect(before).toMatchObject(rest)
})

test.each<[string, Partial<AnalysisPlan>, boolean, readonly string[]]>([
  ['metrics and a sample', { plannedSampleSize: 10 }, true, []],
  ['metrics and no sample', {}, true, ['plannedSampleSize']],
  ['no metrics and a sample', { plannedSampleSize: 10 }, false, ['metrics']],
  ['nothing', {}, false, ['metrics', 'plannedSampleSize']],
  ['the word that nothing is to be learned', { noAnalysis: true }, false, []],
  ['a method for any look', { method: 'ALWAYS_VALID' }, true, []],
  ['looks at no sample', { method: 'GROUP_SEQUENTIAL', looks: 4 }, true, ['plannedSampleSize']],
  ['a sample without looks', { method: 'GROUP_SEQUENTIAL', plannedSampleSize: 10 }, true, ['looks']],
])('a plan with %s starts only where nothing is missing', (_, plan, hasMetrics, gaps) => {
  const metrics = hasMetrics
    ? ([{ metricKey: 'plays', metricVersion: 1, role: 'SUCCESS', margin: null }] as const)
    : []
  const planned = newExperiment({ plan: { ...EMPTY_PLAN, ...plan }, metrics })
  const started = run(planned, 'start', 1, 0)
  if (gaps.length === 0) expect(started).toMatchObject({ experiment: { status: 'RUNNING' } })
  else expect(started).toEqual({ type: 'refused', refusal: { type: 'plan-incomplete', gaps } })
})

test('what was started before a plan had to be complete goes on, and is decided', () => {
  const old = { ...after(STARTED), plan: EMPTY_PLAN, metrics: [] }
  const commands = ['pause', 'resume', 'stop', 'decide', 'approve-decision']
  const decided = commands.reduce((experiment, command, index) => {
    const result = run(experiment, command, index + 10, 1)
    return result.type === 'changed' ? result.experiment : experiment
  }, old as Experiment)
  expect(decided.status).toBe('DECIDED')
})
