import type { PlannedMetric } from '../../analysis/role-tests.ts'
import type { ExperimentationStore } from '../../datastore/port.ts'
import type { Experiment } from '../../domain/experiment.ts'

/** The metrics of an experiment with their definitions, in its order. Throws where one is not stored. */
export async function plannedMetrics(
  store: Pick<ExperimentationStore, 'metricsByKeys'>,
  { metrics }: Pick<Experiment, 'metrics'>,
): Promise<readonly PlannedMetric[]> {
  const stored = await store.metricsByKeys([...new Set(metrics.map(({ metricKey }) => metricKey))])
  const byKey = new Map(stored.map(({ key, versions }) => [key, versions]))
  return metrics.map(({ metricKey, metricVersion, role, margin }) => {
    const definition = byKey.get(metricKey)?.find(({ version }) => version === metricVersion)
    if (definition === undefined) throw new Error(`metric ${metricKey} has no version ${metricVersion}`)
    return { definition, role, margin }
  })
}
