import { canonicalHash, decisionRecordSchema, jsonObjectSchema } from '@bulkhead/contracts'
import type { PersonalizationStore } from '../../datastore/port.ts'
import { boundRecipe, lineOf } from '../../domain/model-path/refresh.ts'
import { wasTakenOut } from '../../domain/model-path/switch-off.ts'
import type { Refresh } from '../../domain/model-version.ts'
import type { TrainingChoice } from '../../domain/training/algorithms.ts'
import { trainingByRecipe } from '../../domain/training/recipe.ts'
import { revokedBy } from './revoked-recipe.ts'

/** The version cannot be refreshed. The message says why, and what to do. */
class RefreshRefusedError extends Error {
  override readonly name = 'RefreshRefusedError'
}

/**
 * What to train to refresh a version: by the recipe that the SHIP decision about it binds, or about the one that it refreshes
 * itself.
 * @throws RefreshRefusedError where no recipe is bound or the decision is revoked, where something else serves, and where this
 *   release trains in another way
 */
export async function planRefresh(
  store: Pick<PersonalizationStore, 'modelVersionsByIds' | 'productionModelVersion' | 'findModelVersions'>,
  versionId: string,
): Promise<{ readonly refresh: Refresh; readonly choice: TrainingChoice }> {
  const [version] = await store.modelVersionsByIds([versionId])
  if (version === undefined) {
    throw new RefreshRefusedError(`there is no version ${versionId}: \`models list\` shows those there are`)
  }
  const line = lineOf(version)
  const [shipped = version] = await store.modelVersionsByIds([line])
  const bound = boundRecipe(shipped)
  if (bound === null) {
    throw new RefreshRefusedError(
      `${line} was not let into production by a SHIP decision that binds the recipe it was trained by: ` +
        'train a version and compare it in an experiment, whose decision may bind its `modelVersion { recipe }` ' +
        '(`recordDecision(recipe:)`)',
    )
  }
  if (wasTakenOut(shipped)) {
    throw new RefreshRefusedError(`${line} was taken out of service, which has revoked its decision`)
  }
  const takenOut = await revokedBy(store, line)
  if (takenOut !== null) {
    throw new RefreshRefusedError(
      `${takenOut} was taken out of service, which has revoked the recipe of ${line}: ` +
        'train a version and compare it in an experiment',
    )
  }
  const production = await store.productionModelVersion()
  if (production === null || lineOf(production) !== line) {
    const serves = production === null ? 'no version serves' : `${production.id} serves`
    throw new RefreshRefusedError(`${serves}, and the recipe is for ${line} and what refreshes it`)
  }
  const raw = jsonObjectSchema.parse(JSON.parse(bound.record))
  const { recipe } = decisionRecordSchema.safeParse(raw).data ?? {}
  if (recipe === undefined || canonicalHash(raw) !== bound.hash) {
    throw new RefreshRefusedError(`the decision about ${line} that its history keeps is damaged`)
  }
  const reading = trainingByRecipe(recipe)
  if (reading.type === 'differs') {
    throw new RefreshRefusedError(
      `this release cannot train by the recipe of ${line}: ${reading.differences.join('; ')}`,
    )
  }
  return { refresh: { of: line, decisionHash: bound.hash }, choice: reading.choice }
}
