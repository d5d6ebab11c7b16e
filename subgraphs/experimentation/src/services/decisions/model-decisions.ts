import type { ModelDecisionStore } from '../../datastore/port.ts'
import { type ModelDecisions, shipOf } from '../../domain/governance/model-decisions.ts'

/**
 * Reads everything that says which decisions the snapshot lists.
 * @param also further model versions to look up
 */
export async function readModelDecisions(
  store: ModelDecisionStore,
  also: readonly string[] = [],
): Promise<ModelDecisions> {
  const [live, records, firstShip] = await Promise.all([
    store.modelVersionsWithShip(),
    store.bootstrapRecords(),
    store.firstShip(),
  ])
  const bootstraps = records.flatMap(({ value }) => value ?? [])
  const known = new Set(live.map(({ id }) => id))
  const named = new Set([...bootstraps.map(({ modelVersionId }) => modelVersionId), ...also])
  const missing = [...named].filter((id) => !known.has(id))
  const [shipped, others] = await Promise.all([
    store.shippedExperiments([...known]),
    missing.length === 0 ? [] : store.modelVersionsByIds(missing),
  ])
  return {
    versions: new Map([...live, ...others].map((version) => [version.id, version])),
    shipped: new Map(
      shipped.flatMap((experiment) => {
        const record = shipOf(experiment)
        return record === null ? [] : [[experiment.key, record] as const]
      }),
    ),
    firstShip,
    bootstraps: new Map(bootstraps.map((bootstrap) => [bootstrap.modelVersionId, bootstrap])),
    unreadable: new Set(records.flatMap(({ key, value }) => (value === null ? [key] : []))),
  }
}
