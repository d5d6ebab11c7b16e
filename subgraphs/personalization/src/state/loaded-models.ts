import type { LoadedModel, LoadedModels } from '../domain/pipeline/query.ts'

export type LiveLoadedModels = LoadedModels & {
  /** True once it is known which models there are, be it none. */
  isRead(): boolean
  /** Whichever role it has, the one that stands in included; null where it is not in memory. */
  inMemory(id: string): LoadedModel | null
  /** A refresh in its canary; null where there is none. */
  canary(): LoadedModel | null
  /** Another version serves from now on, or none; the others stay. Nothing is awaited, so a rollback takes effect at once. */
  putInProduction(model: LoadedModel | null): void
  /** Everything at once: what is left out of it is forgotten. */
  replace(models: {
    readonly production: LoadedModel | null
    readonly previous: LoadedModel | null
    readonly pinned: readonly LoadedModel[]
    readonly canary?: LoadedModel | null
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

  function set(models: typeof current): void {
    current = models
    const { production, pinned } = models
    const all = production === null ? pinned : [...pinned, production]
    byId = new Map(all.map((loaded) => [loaded.version.id, loaded]))
  }

  return {
    production: () => current.production,
    previous: () => current.previous,
    byVersionId: (id) => byId.get(id) ?? null,
    isAwaited: (id) => !byId.has(id) && !current.unloadable.has(id),
    isRead: () => read,
    inMemory: (id) =>
      byId.get(id) ?? [current.previous, current.canary].find((model) => model?.version.id === id) ?? null,
    canary: () => current.canary ?? null,
    putInProduction(production) {
      // What is replaced stands in; what a rollback takes out does not.
      const isRollback = production === null || production.version.id === current.previous?.version.id
      set({ ...current, production, previous: isRollback ? null : current.production })
    },
    replace(models) {
      read = true
      set(models)
    },
  }
}
