import type { LoadedModel, LoadedModels } from '../domain/pipeline/query.ts'

export type LiveLoadedModels = LoadedModels & {
  /** True once it is known which models there are, be it none. */
  isRead(): boolean
  /** Everything at once: what is left out of it is forgotten. */
  replace(models: {
    readonly production: LoadedModel | null
    readonly previous: LoadedModel | null
    readonly pinned: readonly LoadedModel[]
    /** Ids of versions that should be there and cannot be loaded. */
    readonly unloadable: ReadonlySet<string>
  }): void
}

export function createLoadedModels(): LiveLoadedModels {
  let read = false
  let current: Parameters<LiveLoadedModels['replace']>[0] = {
    production: null,
    previous: null,
    pinned: [],
    unloadable: new Set(),
  }
  let byId: ReadonlyMap<string, LoadedModel> = new Map()
  return {
    production: () => current.production,
    previous: () => current.previous,
    byVersionId: (id) => byId.get(id) ?? null,
    isAwaited: (id) => !byId.has(id) && !current.unloadable.has(id),
    isRead: () => read,
    replace(models) {
      read = true
      current = models
      const { production, pinned } = models
      const all = production === null ? pinned : [...pinned, production]
      byId = new Map(all.map((loaded) => [loaded.version.id, loaded]))
    },
  }
}
