import type { LoadedModel } from '../domain/pipeline/query.ts'

/** The models in memory: requests never wait for one. */
export type LoadedModels = {
  /** Null before the first is loaded, and where no version is in PRODUCTION. */
  production(): LoadedModel | null
  /** The version in production, or one that a running experiment pins. */
  byVersionId(id: string): LoadedModel | null
}

export type LiveLoadedModels = LoadedModels & {
  replace(production: LoadedModel | null, pinned: readonly LoadedModel[]): void
}

export function createLoadedModels(): LiveLoadedModels {
  let inProduction: LoadedModel | null = null
  let byId: ReadonlyMap<string, LoadedModel> = new Map()
  return {
    production: () => inProduction,
    byVersionId: (id) => byId.get(id) ?? null,
    replace(production, pinned) {
      inProduction = production
      const all = production === null ? pinned : [...pinned, production]
      byId = new Map(all.map((loaded) => [loaded.version.id, loaded]))
    },
  }
}
