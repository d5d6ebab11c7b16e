import type { KeyObject } from 'node:crypto'
import { canonicalHash, canonicalJson, jsonObjectSchema } from '@bulkhead/contracts'
import type { PersonalizationStore } from '../../datastore/port.ts'
import type { VerifiedDecision } from '../../domain/model-path/decisions.ts'
import { boundRecipe, canaryIn, type RefreshEvidence } from '../../domain/model-path/refresh.ts'
import type { ModelVersion } from '../../domain/model-version.ts'
import { verifiedDecisions } from '../verified-decisions.ts'
import { canaryReports } from './canary-reports.ts'
import { experimentVersions } from './experiment-versions.ts'
import { revokedBy } from './revoked-recipe.ts'

type RefreshStore = Pick<
  PersonalizationStore,
  'modelVersionsByIds' | 'canaryOf' | 'findModelVersions' | 'productionModelVersion'
>

/** What a refresh stands on at this moment; null for a version that is none. */
export async function refreshEvidence(
  { id, refresh }: ModelVersion,
  production: ModelVersion | null,
  options: { readonly store: RefreshStore; readonly publicKeys: ReadonlyMap<string, KeyObject> },
): Promise<RefreshEvidence | null> {
  if (refresh === undefined) return null
  const { store, publicKeys } = options
  const [shipped = null] = await store.modelVersionsByIds([refresh.of])
  const [report = null] = await canaryReports(store, [id])
  const versions = await experimentVersions(store)
  const canary = production === null ? null : canaryIn(versions, production)
  return {
    shipped,
    decision: shipped === null ? null : keptDecision(shipped, publicKeys),
    takenOut: await revokedBy(store, refresh.of),
    canary: {
      report,
      hash: report === null ? null : canonicalHash(report),
      text: report === null ? '' : canonicalJson(report),
    },
    otherCanary: canary === null || canary.id === id ? null : canary.id,
  }
}

/** Null where the history of the version keeps no decision whose signature is good. */
function keptDecision(
  shipped: ModelVersion,
  publicKeys: ReadonlyMap<string, KeyObject>,
): VerifiedDecision | null {
  const bound = boundRecipe(shipped)
  if (bound === null) return null
  const raw = jsonObjectSchema.safeParse(JSON.parse(bound.record))
  return raw.success ? (verifiedDecisions([raw.data], publicKeys)[0] ?? null) : null
}
