import { setTimeout as sleep } from 'node:timers/promises'
import { stepExperiment } from '@bulkhead/experimentation/api/change-experiment'
import { promoteModel } from '@bulkhead/personalization/api/model-path'
import { z } from 'zod'
import { CHALLENGE, LAST_FIRST_DAY, startChallenge } from './challenge.ts'
import { AUTHOR, type DemoClients, REVIEWER } from './clients.ts'
import type { DemoClock } from './clock.ts'
import { analyseAll, approveDecision, findExperiment, recordDecision } from './experiments.ts'
import { makeFirstResult } from './home-mix.ts'
import { allListeners, drawn, fetchSlate, LISTENERS, type Visit, visitHome } from './listeners.ts'
import { findProduction, findVersion, missingFor, promoteWhenReady } from './versions.ts'
import { waitFor } from './wait.ts'

const DAY_MS = 86_400_000
/** What the challenger has not seen, it is evaluated on: the last twelve days of the demo's history. */
const CHALLENGER = ['--algorithm', 'ease', '--until', '2025-12-20T00:00:00Z']
/** A listener comes three times in a week. */
const DAYS_BETWEEN_VISITS = 3
const VISITS = 3
/** Listeners of whom one gets the challenger, as soon as it is in memory. */
const MAX_PROBES = 30
/** At most, until the shadow report is there: on a busy machine a model in shadow, which gives way to all else, is slow. */
const SHADOW_ROUNDS = 200
const SHADOW_PAUSE_MS = 500
const SLATES_A_ROUND = 25

export type Walk = {
  readonly clients: DemoClients
  readonly clock: DemoClock
  /** Runs `npm run personalization --`, and resolves with what it printed. Rejects where it fails. */
  readonly personalization: (...args: readonly string[]) => Promise<string>
  readonly signal: AbortSignal
}

/** The challenger and what serves beside it, as far as they are known. */
type Progress = { challenger: string; champion: string }

type Step = {
  readonly name: string
  /** Does what is left of the step, which may be nothing, and returns what to say, or null. Rejects where it cannot. */
  run(walk: Walk, progress: Progress): Promise<string | null>
}

/** The way of the challenger, one after the other; each goes on where an earlier start was interrupted. */
export const STEPS: readonly Step[] = [
  { name: 'training', run: train },
  { name: 'evaluation', run: evaluate },
  { name: 'shadow', run: enterShadow },
  {
    name: 'first result',
    run: ({ clients, clock, signal }) => makeFirstResult(clients, { now: clock.now, signal }),
  },
  { name: 'shadow report', run: leaveShadow },
  { name: 'experiment', run: experiment },
  { name: 'fortnight', run: passFortnight },
  { name: 'decision', run: decide },
  { name: 'promotion', run: promote },
]

async function train({ clients, personalization }: Walk, progress: Progress): Promise<string | null> {
  const found = await findExperiment(clients.author, CHALLENGE)
  if (found !== null) {
    for (const { isControl, payload } of found.variants) {
      progress[isControl ? 'champion' : 'challenger'] = payloadSchema.parse(payload).modelVersionId
    }
    return null
  }
  const champion = await findProduction(clients.author)
  if (champion === null) throw new Error('no model is in production that could be challenged')
  progress.champion = champion
  const printed = await personalization('train', ...CHALLENGER)
  const [, id] = /^Model (\S+) /m.exec(printed) ?? []
  if (id === undefined) throw new Error(`no version was trained: ${printed}`)
  progress.challenger = id
  if (printed.includes('is up to date')) return null
  return `${id} challenges ${champion}: EASE, trained on two months more, and REGISTERED`
}

const payloadSchema = z.object({ modelVersionId: z.string() })

async function evaluate({ clients, personalization }: Walk, { challenger, champion }: Progress) {
  const version = await findVersion(clients.author, challenger)
  if (version?.stage !== 'REGISTERED') return null
  if (version.evaluation === null) await personalization('evaluate', '--model', challenger, '--record')
  const reason = `Not worse than ${champion} offline.`
  await promoteModel(clients.author, { id: challenger, to: 'EVALUATED', reason })
  const measured = (await findVersion(clients.author, challenger))?.evaluation?.metrics
  const delta = measured?.find(({ name }) => name === 'ndcg@10')?.championDelta ?? 0
  return `${challenger} is EVALUATED on what listeners chose later: ndcg@10 ${signed(delta)} against ${champion}`
}

async function enterShadow({ clients }: Walk, { challenger }: Progress): Promise<string | null> {
  const version = await findVersion(clients.author, challenger)
  if (version?.stage !== 'EVALUATED') return null
  await promoteModel(clients.author, { id: challenger, to: 'SHADOW', reason: 'Asked beside what serves.' })
  return `${challenger} is in SHADOW: asked beside what serves, and shown to nobody`
}

/** Most of what it has to be asked beside are the visits of the step before. */
async function leaveShadow({ clients, signal }: Walk, { challenger }: Progress): Promise<string | null> {
  const { author, listeners } = clients
  if ((await findVersion(author, challenger))?.stage !== 'SHADOW') return null
  let waiting = [...allListeners()]
  for (let round = 0; round < SHADOW_ROUNDS; round++) {
    if ((await missingFor(author, challenger, 'EXPERIMENT'))?.length === 0) break
    if (waiting.length === 0) waiting = [...allListeners()]
    for (const userId of waiting.splice(0, SLATES_A_ROUND)) await fetchSlate(listeners, userId)
    await sleep(SHADOW_PAUSE_MS, undefined, { signal })
  }
  const step = { id: challenger, to: 'EXPERIMENT', reason: 'Did well in shadow.' } as const
  await promoteWhenReady(author, step, signal)
  const report = (await findVersion(author, challenger))?.shadow
  if (report === undefined || report === null) throw new Error(`${challenger} has no shadow report`)
  const { requests, overlapAt10, latencyP99Ms } = report
  return `${challenger} was asked beside ${requests} slates: it shares ${percent(overlapAt10)} of their items, and takes ${latencyP99Ms.toFixed(1)} ms for a list (99th percentile)`
}

async function experiment(
  { clients, signal }: Walk,
  { challenger, champion }: Progress,
): Promise<string | null> {
  const { isNew } = await startChallenge(clients, { champion, challenger })
  if (!isNew) return null
  const probes = visitsOn(0).slice(0, MAX_PROBES)
  await waitFor(
    'the challenger serves those in its group',
    async () => {
      const probe = probes.shift()
      if (probe === undefined) throw new Error(`no listener gets ${challenger}`)
      const { modelVersion } = await fetchSlate(clients.listeners, probe.userId)
      return modelVersion?.id === challenger ? true : null
    },
    { signal },
  )
  return `${CHALLENGE} runs, reviewed by ${REVIEWER}: half of the listeners get ${challenger}. A fortnight of theirs passes now`
}

/** Lets the time of the demo arrive at now, a day after the other. */
async function passFortnight({ clients, clock }: Walk): Promise<string | null> {
  const found = await findExperiment(clients.author, CHALLENGE)
  const startedAt = Date.parse(found?.startedAt ?? '')
  const isRunning = found?.status === 'RUNNING'
  let plays = 0
  for (;;) {
    const day = Math.floor((clock.now() - startedAt) / DAY_MS)
    if (isRunning) plays += await visitHome(clients.listeners, visitsOn(day))
    if (clock.hasArrived()) break
    clock.nextDay()
  }
  return isRunning
    ? `a fortnight is over: ${LISTENERS} listeners came ${VISITS} times and played ${plays} items`
    : null
}

/** Who comes on a day of the experiment. */
function visitsOn(day: number): readonly Visit[] {
  return allListeners()
    .filter((userId) => {
      const since = day - Math.floor(drawn('first day', userId) * (LAST_FIRST_DAY + 1))
      return since >= 0 && since % DAYS_BETWEEN_VISITS === 0 && since < VISITS * DAYS_BETWEEN_VISITS
    })
    .map((userId) => ({ userId, occasion: `day ${day}` }))
}

/** Decides what the analysis under the experiment's plan recommends, whatever that is. */
async function decide({ clients, clock, signal }: Walk): Promise<string | null> {
  const { author, reviewer } = clients
  const key = CHALLENGE
  let said: string | null = null
  let found = await findExperiment(author, key)
  if (found?.status === 'RUNNING') {
    await stepExperiment(author, { step: 'stop', key, revision: null, reason: 'The fortnight is over.' })
    found = await findExperiment(author, key)
  }
  if (found?.status !== 'STOPPED') return null
  if (found.decision === null) {
    const { id, verdict, metrics } = await analyseAll(clients, {
      ...{ key, units: LISTENERS, now: clock.now, signal },
    })
    const { recommendation: outcome, variantKey } = verdict
    if (outcome === 'CONTINUE' || outcome === 'INVALID') {
      throw new Error(`the analysis of ${key} says ${outcome}, so nothing is decided`)
    }
    const relative = metrics.find(({ role }) => role === 'SUCCESS')?.relative
    const effect = relative === null || relative === undefined ? 'no effect' : describeEffect(relative)
    const decision = {
      outcome,
      variantKey,
      analysisId: id,
      rationale: `The analysis recommends it: ${effect}.`,
    }
    await recordDecision(author, { key, revision: found.revision, ...decision })
    said = `${key} is analysed: ${effect}; ${outcome}, decided by ${AUTHOR}, reviewed by ${REVIEWER}`
    found = await findExperiment(author, key)
  }
  const revision = found?.revision ?? 0
  await approveDecision(reviewer, { key, revision, comment: 'As the plan says.' })
  return said ?? `the decision about ${key} is reviewed by ${REVIEWER}`
}

async function promote(
  { clients, signal }: Walk,
  { challenger, champion }: Progress,
): Promise<string | null> {
  const { author, listeners } = clients
  const version = await findVersion(author, challenger)
  if (version?.stage !== 'EXPERIMENT') return null
  const outcome = (await findExperiment(author, CHALLENGE))?.decision?.outcome
  if (outcome !== 'SHIP') {
    await promoteModel(author, { id: challenger, to: 'RETIRED', reason: `${CHALLENGE} ended in ${outcome}.` })
    return `${challenger} is RETIRED, and ${champion} goes on serving`
  }
  await promoteWhenReady(author, { id: challenger, to: 'PRODUCTION', reason: 'Shipped.' }, signal)
  const [userId = ''] = allListeners()
  await waitFor(
    'the challenger serves',
    async () => ((await fetchSlate(listeners, userId)).modelVersion?.id === challenger ? true : null),
    { signal },
  )
  return `${challenger} is in PRODUCTION by that decision. Its path: npm run personalization -- models show ${challenger}; the results: npm run experimentation -- show ${CHALLENGE}`
}

function describeEffect({
  estimate,
  lower,
  upper,
}: Readonly<Record<'estimate' | 'lower' | 'upper', number | null>>) {
  return `${signedPercent(estimate)} plays (${signedPercent(lower)} to ${signedPercent(upper)})`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`
}

function signedPercent(share: number | null): string {
  if (share === null) return 'unbounded'
  return `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`
}
