import type { AssignmentSnapshot } from '@bulkhead/contracts'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import { createPeriodicWorker, type Worker } from '@bulkhead/service/worker'
import type { PersonalizationStore } from '../datastore/port.ts'
import { canaryIn } from '../domain/model-path/refresh.ts'
import { wasSwitchedOff } from '../domain/model-path/switch-off.ts'
import type { ModelVersion } from '../domain/model-version.ts'
import { pinnedVersions } from '../domain/pipeline/assignment/serving-parameters.ts'
import type { LoadedModel } from '../domain/pipeline/query.ts'
import type { RecommendationModel } from '../domain/recommendation-model.ts'
import { experimentVersions } from '../services/refreshes/experiment-versions.ts'
import type { LiveLoadedModels } from '../state/loaded-models.ts'
import type { ModelGuardrails } from '../state/model-guardrails.ts'
import type { SnapshotHolder } from '../state/snapshot-holder.ts'
import { createLoadFailures } from './model-reading/load-failures.ts'
import type { ModelReader } from './model-reading/model-reader.ts'

/**
 * Upper bound on versions in memory because experiments pin them. Payloads that pin further versions have no effect.
 */
export const MAX_PINNED_VERSIONS = 16

/** Of the versions that were in production before, how many are tried until one can stand in. */
export const MAX_FORMER_VERSIONS = 2

const TOO_MANY_PINNED = `experiments pin more than ${MAX_PINNED_VERSIONS} versions`
const JITTER = 0.1

/**
 * Keeps in memory the model version in PRODUCTION, the one that was there before, which stands in for it, those that the
 * current snapshot's payloads pin, and a refresh in its canary. A promotion or a rollback takes effect within one interval.
 * While the datastore is lost, the models that were loaded before stay in use.
 */
export function createModelLoader(options: {
  readonly store: Pick<
    PersonalizationStore,
    | 'productionModelVersion'
    | 'formerProductionVersions'
    | 'modelVersionsByIds'
    | 'modelArtefact'
    | 'findModelVersions'
  >
  readonly models: LiveLoadedModels
  readonly snapshots: Pick<SnapshotHolder, 'current'>
  readonly intervalMs: number
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
  readonly reader: Pick<ModelReader, 'read'>
  readonly guardrails: Pick<ModelGuardrails, 'watch' | 'whyOff' | 'keepOnly'>
}): Worker {
  const { store, models, snapshots, log, reader, guardrails } = options
  /** By version: why it could not be loaded in the last run. */
  let failures: ReadonlyMap<string, string> = new Map()
  const loadFailures = createLoadFailures()
  /** Ids of what was in production before `before`, read once for each version in production. */
  let former: { readonly before: string; readonly ids: readonly string[] } | null = null
  options.metrics.gauge({
    name: 'bulkhead_models_unloadable',
    help: 'Model versions that should serve and cannot be loaded, such as those with a broken artefact',
    collect() {
      this.set(failures.size)
    },
  })

  async function refresh(signal: AbortSignal): Promise<void> {
    const promoted = await store.productionModelVersion()
    const failed = new Map<string, string>()
    const production = promoted === null ? null : await load(promoted, failed)
    const previous = promoted === null ? null : await loadPrevious(promoted, failed)
    const canary = promoted === null ? null : await loadCanary(promoted, failed)
    const pinned = await loadPinned([production, previous, canary], failed)
    // Reading may have taken long: another version may be in production by now, which the next run reads.
    const latest = await store.productionModelVersion()
    if (signal.aborted || latest?.id !== promoted?.id) return
    const before = (models.production() ?? models.previous())?.version.id ?? null
    const now = (production ?? previous)?.version.id ?? null
    if (now !== before) {
      log.info({ modelVersionId: now, promoted: promoted?.id ?? null }, 'production model changed')
    }
    models.replace({ production, previous, pinned, canary, unloadable: new Set(failed.keys()) })
    const loaded = [production, previous, canary, ...pinned].flatMap((model) => model?.version.id ?? [])
    guardrails.keepOnly(new Set(loaded))
    failures = failed
  }

  /** The last one that was in production before and can be loaded. */
  async function loadPrevious(
    promoted: ModelVersion,
    failed: Map<string, string>,
  ): Promise<LoadedModel | null> {
    if (former?.before !== promoted.id) {
      const found = await store.formerProductionVersions(MAX_FORMER_VERSIONS)
      former = { before: promoted.id, ids: found.map(({ id }) => id) }
    }
    // As they are now: a guardrail may have switched one off since.
    const { ids } = former
    const versions = ids.length === 0 ? [] : await store.modelVersionsByIds(ids)
    for (const id of ids) {
      const version = versions.find((one) => one.id === id)
      if (version === undefined || wasSwitchedOff(version)) continue
      const loaded = await load(version, failed)
      if (loaded !== null) return loaded
    }
    return null
  }

  /** The refresh of what is in production that has been in its canary for longest. */
  async function loadCanary(
    promoted: ModelVersion,
    failed: Map<string, string>,
  ): Promise<LoadedModel | null> {
    const refresh = canaryIn(await experimentVersions(store), promoted)
    return refresh === null ? null : load(refresh, failed)
  }

  async function loadPinned(
    others: readonly (LoadedModel | null)[],
    failed: Map<string, string>,
  ): Promise<LoadedModel[]> {
    const ids = pinnedVersionIds(snapshots.current())
    for (const id of ids.slice(MAX_PINNED_VERSIONS)) fail(id, TOO_MANY_PINNED, failed)
    const wanted = ids.slice(0, MAX_PINNED_VERSIONS)
    const versions = wanted.length === 0 ? [] : await store.modelVersionsByIds(wanted)
    const loaded: LoadedModel[] = []
    for (const id of wanted) {
      const version = versions.find((one) => one.id === id)
      if (version === undefined) fail(id, 'an experiment pins it, and there is no such version', failed)
      else if (!mayServeUsers(version)) fail(id, `an experiment pins it in stage ${version.stage}`, failed)
      else {
        // A version that experiments pin may be in production too, or have been, and is read once.
        const shared = others.find((other) => other?.version.id === id)
        const model = shared ?? (failed.has(id) ? null : await load(version, failed))
        if (model !== null) loaded.push(model)
      }
    }
    return loaded
  }

  /** Logged only when the problem is new. */
  function fail(id: string, problem: string, failed: Map<string, string>): void {
    if (failures.get(id) !== problem) log.error({ modelVersionId: id, problem }, 'model version not loaded')
    failed.set(id, problem)
  }

  async function load(version: ModelVersion, failed: Map<string, string>): Promise<LoadedModel | null> {
    const off = guardrails.whyOff(version.id)
    if (off !== null) {
      fail(version.id, `a guardrail has switched it off: ${off}`, failed)
      return null
    }
    const known = models.inMemory(version.id)
    // The stage may have changed; the model cannot.
    if (known !== null) return { version, model: known.model }
    const model = loadFailures.reasonNotToTry(version.id) ?? (await read(version))
    if (typeof model !== 'string') {
      loadFailures.loaded(version.id)
      return { version, model: guardrails.watch(version.id, model) }
    }
    fail(version.id, model, failed)
    return null
  }

  /** The decoded model, or what is wrong with it. */
  async function read(version: ModelVersion): Promise<RecommendationModel | string> {
    const { id, artefactHash } = version
    const artefact = await store.modelArtefact(id)
    if (artefact === null) return loadFailures.failed(id, 'the datastore has no artefact of this version')
    try {
      const model = await reader.read(artefact, artefactHash)
      return typeof model === 'string' ? loadFailures.broken(id, model) : model
    } catch (error) {
      return loadFailures.failed(id, error instanceof Error ? error.message : String(error))
    }
  }

  return createPeriodicWorker({
    name: 'model-loader',
    intervalMs: options.intervalMs,
    jitter: JITTER,
    run: refresh,
    log,
    random: options.random,
  })
}

/**
 * Only a version that has been in EXPERIMENT or PRODUCTION may serve users, and that no guardrail has switched off. It may
 * be retired now: a control group may pin an old version.
 */
function mayServeUsers(version: ModelVersion): boolean {
  if (wasSwitchedOff(version)) return false
  const { stage, stageHistory } = version
  return [stage, ...stageHistory.map(({ to }) => to)].some(
    (one) => one === 'EXPERIMENT' || one === 'PRODUCTION',
  )
}

/**
 * The ids that experiments pin, each once: first those of running experiments, then the others, in the snapshot's
 * order. So paused and stopped experiments keep their models while there is room, and never displace those of running
 * ones.
 */
export function pinnedVersionIds(snapshot: Pick<AssignmentSnapshot, 'experiments'> | null): string[] {
  const ids = new Set<string>()
  const experiments = snapshot?.experiments ?? []
  const running = experiments.filter(({ status }) => status === 'RUNNING')
  // A set keeps the position of the first occurrence.
  for (const experiment of [...running, ...experiments]) {
    for (const id of pinnedVersions(experiment)) ids.add(id)
  }
  return [...ids]
}
