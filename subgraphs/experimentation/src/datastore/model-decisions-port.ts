import type { StoredRecord } from '../domain/audit/stored-record.ts'
import type { Experiment } from '../domain/experiment.ts'
import type { Bootstrap } from '../domain/governance/bootstrap.ts'
import type { KnownModelVersion } from '../domain/governance/model-decisions.ts'

/** What says which decisions the snapshot lists. */
export type ModelDecisionStore = {
  /** The model versions that personalization has told of; one round trip, unknown ids are left out. */
  modelVersionsByIds(ids: readonly string[]): Promise<readonly KnownModelVersion[]>
  /** Those that are in one of STAGES_WITH_SHIP, by id. */
  modelVersionsWithShip(): Promise<readonly KnownModelVersion[]>
  /** Every bootstrap decision, by model version, also what cannot be read. There are at most `MAX_BOOTSTRAPS`. */
  bootstrapRecords(): Promise<readonly StoredRecord<string, Bootstrap>[]>
  /** Experiments whose decision is SHIP about one of these model versions, signed or not, by key. */
  shippedExperiments(modelVersionIds: readonly string[]): Promise<readonly Experiment[]>
  /** The experiment of the first decision to SHIP a model version that is final; null where there is none. */
  firstShip(): Promise<string | null>
}
