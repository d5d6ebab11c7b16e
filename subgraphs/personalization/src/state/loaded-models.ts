import type { LoadedModel, LoadedModels } from '../domain/pipeline/query.ts'

export type LiveLoadedModels = LoadedModels & {
  /** True once it is known which models there are, be it none. */
  isRead(): boolean
  /** @param unloadable versions that should be there and cannot be loaded */
  replace(
    production: LoadedModel | null,
    pinned: readonly LoadedModel[],
    unloadable: ReadonlySet<string>,
  ): void
}

export function createLoadedModels(): LiveLoadedModels {
  let inProduction: LoadedModel | null = null
  let read = false
  let byId: ReadonlyMap<string, LoadedModel> = new Map()
  let unloadableIds: ReadonlySet<string> = new Set()
  return {
    production: () => inProduction,
    byVersionId: (id) => byId.get(id) ?? null,
    isAwaited: (id) => !byId.has(id) && !unloadableIds.has(id),
    isRead: () => read,
    replace(production, pinned, unloadable) {
      read = true
      unloadableIds = unloadable
      inProduction = production
      const all = production === null ? pinned : [...pinned, production]
      byId = new Map(all.map((loaded) => [loaded.version.id, loaded]))
    },
  }
}
