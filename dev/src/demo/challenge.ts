import {
  createExperiment,
  reviewExperiment,
  stepExperiment,
} from '@bulkhead/experimentation/api/change-experiment'
import { type DemoClients, REVIEWER } from './clients.ts'
import { defineMetric, type FoundExperiment, findExperiment } from './experiments.ts'
import { LISTENERS } from './listeners.ts'

/** The experiment of the challenger. */
export const CHALLENGE = 'ease-challenge'
/** Nobody comes later than on this day, so that everybody's week is over when the fortnight is. */
export const LAST_FIRST_DAY = 5

const METRIC = {
  key: 'plays-of-a-week',
  name: 'Plays within a week',
  kind: 'COUNT',
  event: 'PLAY',
  windowHours: 7 * 24,
}
const REASON = 'Follows the plan.'

/** How it ended; null where it did not, or never was. @throws ApiError */
export async function describeChallenge({ author }: DemoClients): Promise<string | null> {
  const found = await findExperiment(author, CHALLENGE)
  if (found?.status !== 'DECIDED') return null
  return `${CHALLENGE} has ended in ${found.decision?.outcome}: npm run experimentation -- show ${CHALLENGE}`
}

function draftOf(champion: string, challenger: string) {
  const variant = (key: string, name: string, modelVersionId: string, isControl: boolean) => ({
    ...{ key, name, weight: 0.5, isControl, payload: { modelVersionId } },
  })
  return {
    key: CHALLENGE,
    name: `${challenger} against ${champion}`,
    hypothesis: `Listeners play more of their home slate when ${challenger} makes it.`,
    owner: 'demo',
    surfaces: ['home'],
    variants: [
      variant('control', 'What serves', champion, true),
      variant('challenger', 'The challenger', challenger, false),
    ],
    metrics: [{ metricKey: METRIC.key, role: 'SUCCESS' }],
    // Looked at as listeners complete their week, which may end it early, and at the latest when all have.
    plan: {
      method: 'GROUP_SEQUENTIAL',
      spending: 'OBRIEN_FLEMING',
      looks: 4,
      plannedSampleSize: LISTENERS,
    },
  }
}

/**
 * Creates the experiment, has it reviewed and starts it, from wherever an earlier start has left it.
 * @returns the experiment once it has started; whether this call has started it
 * @throws ApiError with every refusal
 */
export async function startChallenge(
  { author, reviewer }: DemoClients,
  versions: { readonly champion: string; readonly challenger: string },
): Promise<{ readonly experiment: FoundExperiment; readonly isNew: boolean }> {
  const found = await findExperiment(author, CHALLENGE)
  if (found !== null && found.startedAt !== null) return { experiment: found, isNew: false }
  const step = { key: CHALLENGE, revision: null, reason: REASON }
  let status = found?.status
  if (status === undefined) {
    await defineMetric(author, METRIC)
    status = (await createExperiment(author, draftOf(versions.champion, versions.challenger))).status
  }
  if (status === 'DRAFT') status = (await stepExperiment(author, { ...step, step: 'submit' })).status
  if (status === 'IN_REVIEW') {
    const review = {
      key: CHALLENGE,
      revision: null,
      approved: true,
      comment: `${REVIEWER} has read the plan.`,
    }
    await reviewExperiment(reviewer, review)
  }
  await stepExperiment(author, { ...step, step: 'start' })
  const experiment = await findExperiment(author, CHALLENGE)
  if (experiment === null) throw new Error(`${CHALLENGE} is gone`)
  return { experiment, isNew: true }
}
