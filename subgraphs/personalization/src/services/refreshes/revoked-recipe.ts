import type { PersonalizationStore } from '../../datastore/port.ts'
import { revokesRecipe } from '../../domain/model-path/refresh.ts'
import { allVersions } from '../all-versions.ts'

/** The id of a refresh whose rollback has revoked the recipe of a line; null where none has. */
export async function revokedBy(
  store: Pick<PersonalizationStore, 'findModelVersions'>,
  line: string,
): Promise<string | null> {
  for await (const version of allVersions(store, { stages: ['RETIRED'] })) {
    if (revokesRecipe(version, line)) return version.id
  }
  return null
}
