import type { LoadedModel, LoadedModels } from '../domain/pipeline/query.ts'

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
