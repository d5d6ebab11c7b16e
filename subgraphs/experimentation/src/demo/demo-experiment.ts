import { canonicalJson } from '@bulkhead/contracts'
import type { ExperimentationStore } from '../datastore/port.ts'
import type { Experiment } from '../domain/experiment.ts'
import { EMPTY_PLAN } from '../domain/plan/analysis-plan.ts'
import type { MetricDraft } from '../domain/plan/metric.ts'
import { type ExperimentDraft, validateExperiment } from '../domain/validate-experiment.ts'
import type { ExperimentResult, ExperimentService } from '../services/experiment-service.ts'
import type { MetricService } from '../services/metric-service.ts'

/** What its listeners are hoped to do more. */
export const DEMO_METRIC: MetricDraft = {
  key: 'home-plays',
  name: 'Plays within an hour',
  kind: 'COUNT',
  event: 'PLAY',
  windowHours: 1,
  lowerIsBetter: false,
}

/** One running experiment whose variants serve different candidate mixes on the home surface. */
export const DEMO_EXPERIMENT: ExperimentDraft = {
  key: 'home-mix',
  name: 'More popular tracks on the home slate',
  hypothesis: 'Three in ten items from the popular source make listeners play more of their home slate.',
  owner: 'demo',
  unitType: 'userId',
  surfaces: ['home'],
  coverage: 1,
  exposureTrigger: 'SERVE',
  variants: [
    {
      key: 'control',
      name: 'Model only',
      weight: 0.5,
      payload: { sources: [{ name: 'model', weight: 1 }] },
      isControl: true,
    },
    {
      key: 'more-popular',
      name: 'Model and popular',
      weight: 0.5,
      payload: {
        sources: [
          { name: 'model', weight: 0.7 },
          { name: 'popular', weight: 0.3 },
        ],
      },
      isControl: false,
    },
  ],
  metrics: [{ metricKey: DEMO_METRIC.key, role: 'SUCCESS' }],
  // Looked at whenever somebody is curious.
  plan: { ...EMPTY_PLAN, method: 'ALWAYS_VALID', plannedSampleSize: 2_000 },
}

/** Nobody asked for it through the gateway. */
const AUTHOR = 'demo'
const REASON = 'The demo runs one experiment.'

export type DemoOutcome = 'started' | 'already-there' | 'not-empty' | 'key-taken'

/**
 * Creates the demo experiment, lets reviewers of the demo approve it, and starts it. Every step is audited like anybody's.
 * Safe to run again, also after a run that was interrupted.
 * An experiment of somebody else under its key stays as it is.
 * @param options.ifEmpty does nothing if the datastore holds any other experiment
 * @param options.quorum how many reviewers have to approve it
 * @throws Error if the experiment is refused
 */
export async function installDemo(options: {
  readonly store: Pick<ExperimentationStore, 'experimentsByKeys' | 'countExperiments' | 'metricsByKeys'>
  readonly definitions: Pick<MetricService, 'define'>
  readonly experiments: Pick<ExperimentService, 'create' | 'step' | 'review'>
  readonly ifEmpty: boolean
  readonly quorum: number
}): Promise<DemoOutcome> {
  const { store, definitions, experiments, ifEmpty, quorum } = options
  const { key } = DEMO_EXPERIMENT
  const [existing] = await store.experimentsByKeys([key])
  if (existing !== undefined && existing.startedAt !== null) return 'already-there'
  if (existing !== undefined && !(await isDemo(existing, store))) return 'key-taken'
  if (ifEmpty && (await store.countExperiments({})) > (existing === undefined ? 0 : 1)) return 'not-empty'

  if (existing === undefined) await defineMetric(store, definitions)
  let experiment = existing ?? accepted(await experiments.create(DEMO_EXPERIMENT, AUTHOR))
  const request = () => ({ key, revision: experiment.revision, reason: REASON, by: AUTHOR })
  if (experiment.status === 'DRAFT') {
    experiment = accepted(await experiments.step({ ...request(), action: 'submit' }))
  }
  for (let reviewer = 1; reviewer <= quorum && experiment.status === 'IN_REVIEW'; reviewer++) {
    const by = `demo-reviewer-${reviewer}`
    if (experiment.reviews.some((review) => review.by === by)) continue
    experiment = accepted(await experiments.review({ ...request(), by, approved: true, comment: REASON }))
  }
  accepted(await experiments.step({ ...request(), action: 'start' }))
  return 'started'
}

/** Whether it is what an earlier run has created: nobody else's draft may be approved and started. */
async function isDemo(
  experiment: Experiment,
  store: Pick<ExperimentationStore, 'metricsByKeys'>,
): Promise<boolean> {
  // At the version that it names, because somebody may have defined another one since.
  const version = experiment.metrics[0]?.metricVersion
  const [metric] = await store.metricsByKeys([DEMO_METRIC.key])
  const known = metric?.versions.filter((definition) => definition.version === version) ?? []
  const creation = { at: experiment.createdAt, by: AUTHOR }
  const reading = validateExperiment(
    DEMO_EXPERIMENT,
    creation,
    new Map(known.map((definition) => [definition.key, definition])),
  )
  if (reading.type !== 'valid') return false
  const { status, revision, reviews, history } = experiment
  return (
    canonicalJson({ ...reading.experiment, status, revision, reviews, history }) === canonicalJson(experiment)
  )
}

/** Unless it is there: another definition would be its next version. */
async function defineMetric(
  store: Pick<ExperimentationStore, 'metricsByKeys'>,
  definitions: Pick<MetricService, 'define'>,
): Promise<void> {
  if ((await store.metricsByKeys([DEMO_METRIC.key])).length > 0) return
  const defined = await definitions.define(DEMO_METRIC, AUTHOR)
  if (defined.type === 'refused') {
    throw new Error(`the demo metric is refused: ${JSON.stringify(defined.refusal)}`)
  }
}

function accepted(result: ExperimentResult): Experiment {
  if (result.type === 'accepted') return result.experiment
  throw new Error(`the demo experiment is refused: ${JSON.stringify(result.refusal)}`)
}
