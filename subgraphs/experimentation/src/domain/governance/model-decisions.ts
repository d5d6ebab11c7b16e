import type { BootstrapDecision, DecisionRecord, ModelStage } from '@bulkhead/contracts'
import type { Experiment } from '../experiment.ts'
import type { Bootstrap } from './bootstrap.ts'

/** What personalization has reported of a model version. */
export type KnownModelVersion = {
  readonly id: string
  readonly stage: ModelStage
  /** Counts the changes of its stage, from 1. */
  readonly change: number
  /** SHA-256 of the artefact, hex. */
  readonly artefactHash: string
  /** When it was last taken out for good because of how it did, epoch milliseconds; absent where it never was. */
  readonly rolledBackAt?: number
}

/** The stages in which a version may need the SHIP that was made about it. */
export const STAGES_WITH_SHIP = ['EXPERIMENT', 'PRODUCTION'] as const satisfies readonly ModelStage[]

/** Everything that says which decisions the snapshot lists. */
export type ModelDecisions = {
  /** By id: every version in one of STAGES_WITH_SHIP, and every one that a bootstrap decision is about. */
  readonly versions: ReadonlyMap<string, KnownModelVersion>
  /** Signed SHIP records about these versions, by the experiment's key. */
  readonly shipped: ReadonlyMap<string, DecisionRecord>
  /** The experiment of the first signed SHIP about a model version, live or not; null where there is none. */
  readonly firstShip: string | null
  /** Every bootstrap decision, by model version. */
  readonly bootstraps: ReadonlyMap<string, Bootstrap>
  /** Model versions about which a bootstrap decision is stored that cannot be read: it lets nothing in. */
  readonly unreadable: ReadonlySet<string>
}

export const NO_MODEL_DECISIONS: ModelDecisions = {
  versions: new Map(),
  shipped: new Map(),
  firstShip: null,
  bootstraps: new Map(),
  unreadable: new Set(),
}

/** Upper bounds on the decisions of a snapshot, and on the octets that they take: the newest stay. */
export const MAX_LISTED_DECISIONS = 100
export const MAX_DECISION_BYTES = 512 * 1024

/**
 * What the snapshot lists, as it was signed: the SHIP decisions about versions that are in an experiment or in production,
 * and the bootstrap decisions about those that are in production, or evaluated while no SHIP stands. The newest come
 * first, and beyond the bounds the oldest are left out.
 */
export function listedDecisions(decisions: ModelDecisions): (DecisionRecord | BootstrapDecision)[] {
  const { versions, shipped, bootstraps } = decisions
  const isFirst = standingShip(decisions) === null
  const listed: (DecisionRecord | BootstrapDecision)[] = []
  for (const record of shipped.values()) {
    const version = record.modelVersionId === null ? undefined : versions.get(record.modelVersionId)
    if (version === undefined || revokedAt(version) !== null) continue
    if ((STAGES_WITH_SHIP as readonly ModelStage[]).includes(version.stage)) listed.push(record)
  }
  for (const { signed, modelVersionId } of bootstraps.values()) {
    const version = versions.get(modelVersionId)
    if (signed === null || version === undefined || revokedAt(version) !== null) continue
    const mayEnter = version.stage === 'EVALUATED' && isFirst
    if (version.stage === 'PRODUCTION' || mayEnter) listed.push(signed)
  }
  return withinBounds(listed.sort(newestFirst))
}

/**
 * The experiment because of which no model is the first: of the first SHIP, while a version is in production, or a SHIP is
 * about one that may still get there. Null where there was none, or where all that it let in was taken out again: then there
 * is no champion for an experiment, as there was none at first.
 */
export function standingShip({ versions, shipped, firstShip }: ModelDecisions): string | null {
  const isServing = [...versions.values()].some(({ stage }) => stage === 'PRODUCTION')
  const isAwaited = [...shipped.values()].some(({ modelVersionId }) => {
    const version = modelVersionId === null ? undefined : versions.get(modelVersionId)
    return version === undefined || (version.stage !== 'RETIRED' && revokedAt(version) === null)
  })
  return isServing || isAwaited ? firstShip : null
}

/**
 * When a rollback of its version revoked a decision; null where none did. What was rolled back never serves again, so every
 * decision about it is revoked. The instant is from another service's clock, so it is not compared with the decision's.
 */
export function revokedAt({ rolledBackAt }: Pick<KnownModelVersion, 'rolledBackAt'>): number | null {
  return rolledBackAt ?? null
}

/** The signed SHIP about a model version that an experiment ended with; null where it did not. */
export function shipOf({ decision }: Pick<Experiment, 'decision'>): DecisionRecord | null {
  const signed = decision?.signed ?? null
  return signed?.outcome === 'SHIP' && signed.modelVersionId !== null ? signed : null
}

/** With what a change of an experiment has signed. */
export function withShip(decisions: ModelDecisions, experiment: Experiment): ModelDecisions {
  const record = shipOf(experiment)
  if (record === null) return decisions
  return {
    ...decisions,
    shipped: new Map(decisions.shipped).set(experiment.key, record),
    firstShip: decisions.firstShip ?? experiment.key,
  }
}

export function withBootstrap(decisions: ModelDecisions, bootstrap: Bootstrap): ModelDecisions {
  const bootstraps = new Map(decisions.bootstraps).set(bootstrap.modelVersionId, bootstrap)
  return { ...decisions, bootstraps }
}

function newestFirst(
  one: DecisionRecord | BootstrapDecision,
  other: DecisionRecord | BootstrapDecision,
): number {
  // The signature breaks ties, so that every replica lists the same.
  return descending(one.decidedAt, other.decidedAt) || descending(one.signature, other.signature)
}

function descending(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? 1 : -1
}

function withinBounds<T>(records: readonly T[]): T[] {
  const kept: T[] = []
  let bytes = 0
  for (const record of records.slice(0, MAX_LISTED_DECISIONS)) {
    bytes += Buffer.byteLength(JSON.stringify(record)) + 1
    if (bytes > MAX_DECISION_BYTES) break
    kept.push(record)
  }
  return kept
}
