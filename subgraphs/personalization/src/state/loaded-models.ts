import type { LoadedModel, LoadedModels } from '../domain/pipeline/query.ts'

export type LiveLoadedModels = LoadedModels & {
  /** @param unloadable versions that should be there and cannot be loaded */
  replace(
    production: LoadedModel | null,
    pinned: readonly LoadedModel[],
    unloadable: ReadonlySet<string>,
  ): void
}

export function createLoadedModels(): LiveLoadedModels {
  let inProduction: LoadedModel | null = null
  let byId: ReadonlyMap<string, LoadedModel> = new Map()
  let unloadableIds: ReadonlySet<string> = new Set()
  return {
    production: () => inProduction,
    byVersionId: (id) => byId.get(id) ?? null,
    isAwaited: (id) => !byId.has(id) && !unloadableIds.has(id),
    replace(production, pinned, unloadable) {
      unloadableIds = unloadable
      inProduction = production
      const all = production === null ? pinned : [...pinned, production]
      byId = new Map(all.map((loaded) => [loaded.version.id, loaded]))
    },
  }
}
