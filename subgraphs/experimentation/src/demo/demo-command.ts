import { createClock } from '@bulkhead/service/config/development-clock'
import { createLogger } from '@bulkhead/service/logging'
import { createMetrics } from '@bulkhead/service/metrics'
import { systemRandom } from '@bulkhead/service/random'
import { UsageError } from '../commands/errors.ts'
import { openToWrite } from '../commands/store.ts'
import { loadCliConfig, loadPublishingConfig } from '../config.ts'
import { createChangeQueue } from '../services/changes/change-queue.ts'
import { createExperimentService } from '../services/experiment-service.ts'
import { createMetricService } from '../services/metric-service.ts'
import { createSigner } from '../services/signer.ts'
import { DEMO_EXPERIMENT, type DemoOutcome, installDemo } from './demo-experiment.ts'

const MESSAGES: Readonly<Record<DemoOutcome, string>> = {
  started: `experiment "${DEMO_EXPERIMENT.key}" is running`,
  'already-there': `experiment "${DEMO_EXPERIMENT.key}" is there already`,
  'key-taken': `experiment "${DEMO_EXPERIMENT.key}" is somebody else's; the demo is left out`,
  'not-empty': 'there are other experiments; the demo is left out',
}

/**
 * Creates and starts the demo experiment.
 * @param ifEmpty only where there is no other experiment
 * @returns what to print
 * @throws UsageError in production
 */
export async function demo(ifEmpty: boolean): Promise<string> {
  const { logLevel } = loadCliConfig()
  const { production, signing, reviewQuorum: quorum, developmentClockFile } = loadPublishingConfig()
  // Its reviewers are made up, so there it would be a start that nobody has reviewed.
  if (production)
    throw new UsageError('the demo is not for production: with NODE_ENV=production it is refused')
  const { sign, signDecision } = createSigner(signing)
  await using store = await openToWrite()
  const changes = createChangeQueue({
    store,
    sign,
    clock: createClock(developmentClockFile),
    random: systemRandom,
    // This process serves no snapshot; the running replicas find the new one in the datastore.
    snapshots: { accept: () => undefined },
    log: createLogger({ service: 'experimentation', level: logLevel === 'info' ? 'warn' : logLevel }),
    metrics: createMetrics({ service: 'experimentation' }),
  })
  const experiments = createExperimentService({ store, changes, quorum, signDecision })
  const definitions = createMetricService({ changes })
  return MESSAGES[await installDemo({ store, definitions, experiments, ifEmpty, quorum })]
}
