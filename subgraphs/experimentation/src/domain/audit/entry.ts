import { canonicalHash, canonicalJson, type JsonObject, type JsonValue } from '@bulkhead/contracts'
import type { Experiment } from '../experiment.ts'
import type { Bootstrap } from '../governance/bootstrap.ts'
import type { MetricDefinition } from '../plan/metric.ts'
import { TARGETING_KINDS, type TargetingDefinition, type TargetingKind } from '../targeting/definitions.ts'

/** One change, in a log that only grows. Each entry's hash covers the one before it. */
export type AuditEntry = {
  /** 1, 2, 3, … */
  readonly sequence: number
  /** Epoch milliseconds; never earlier than the entry before. */
  readonly at: number
  /** The subject of the caller's identity. */
  readonly by: string
  /** The mutation, such as `startExperiment`. */
  readonly action: string
  /**
   * `KIND:KEY`, with one of the kinds experiment, metric, layer, holdout, savedGroup, bootstrap and qaOverride; or
   * `snapshot`.
   */
  readonly subject: string
  /** The fields that the change replaced; null where there was nothing before. */
  readonly before: JsonObject | null
  /** The same fields after it. All fields where there was nothing before. */
  readonly after: JsonObject | null
  readonly reason: string
  /** SHA-256, hex; see `entryHash`. */
  readonly hash: string
}

/** The newest entry, as far as the next one needs it. */
export type AuditHead = Pick<AuditEntry, 'sequence' | 'hash' | 'at'>

/** Where a log begins. */
export const EMPTY_LOG: AuditHead = { sequence: 0, hash: '0'.repeat(64), at: 0 }

/** Where the first audited release found an experiment. */
export const BASELINE_ACTION = 'baseline'
/** Nobody's change, but this service's own. */
export const SYSTEM = 'experimentation'

export function experimentSubject(key: string): string {
  return `experiment:${key}`
}

/** The service has published a snapshot itself, without a change of an experiment. Nothing is stored under this subject. */
export const SNAPSHOT_SUBJECT = 'snapshot'

export function metricSubject(key: string): string {
  return `metric:${key}`
}

export function targetingSubject(kind: TargetingKind, key: string): string {
  return `${kind}:${key}`
}

export function isTargetingSubject(subject: string): boolean {
  return isKindOf(subject, TARGETING_KINDS)
}

/** A bootstrap decision, by its model version. */
export function bootstrapSubject(modelVersionId: string): string {
  return `bootstrap:${modelVersionId}`
}

export function isBootstrapSubject(subject: string): boolean {
  return isKindOf(subject, ['bootstrap'])
}

/** QA overrides are not stored: the log is the only record of them. */
export function qaOverrideSubject(experimentKey: string): string {
  return `qaOverride:${experimentKey}`
}

/** Whether what the subject names is stored, so that its entries lead from one state of it to the next. */
export function isStored(subject: string): boolean {
  return isKindOf(subject, STORED_KINDS)
}

const STORED_KINDS = ['experiment', 'metric', 'bootstrap', ...TARGETING_KINDS]

function isKindOf(subject: string, kinds: readonly string[]): boolean {
  const [kind = ''] = subject.split(':', 1)
  return kinds.includes(kind)
}

/**
 * SHA-256 of the canonical JSON (RFC 8785) of the entry without `hash`, with `at` as RFC 3339 and the hash before it as
 * `previous`. Who reads the log through GraphQL can compute it from what is there.
 */
export function entryHash(previous: string, entry: Omit<AuditEntry, 'hash'>): string {
  const { sequence, at, by, action, subject, before, after, reason } = entry
  const hashed = {
    sequence,
    at: new Date(at).toISOString(),
    by,
    action,
    subject,
    before,
    after,
    reason,
    previous,
  }
  return canonicalHash(hashed)
}

/** The entry that follows the head. */
export function nextEntry(head: AuditHead, facts: Omit<AuditEntry, 'sequence' | 'hash'>): AuditEntry {
  const entry = { ...facts, sequence: head.sequence + 1 }
  return { ...entry, hash: entryHash(head.hash, entry) }
}

type FieldChanges = Pick<AuditEntry, 'before' | 'after'>

/**
 * The fields that a change of an experiment replaces. The history is left out, because the log itself is what it is made
 * from: each change of `status` is one of its steps.
 */
export function experimentChanges(before: Experiment | null, after: Experiment): FieldChanges {
  if (before === null) return { before: null, after }
  const { history: _old, ...old } = before
  const { history: _new, ...changed } = after
  return fieldChanges(old, changed)
}

/** The fields that a change of a metric, layer, holdout, saved group or bootstrap decision replaces. */
export function definitionChanges<
  Definition extends MetricDefinition | TargetingDefinition['value'] | Bootstrap,
>(before: Definition | null, after: Definition): FieldChanges {
  return before === null ? { before: null, after } : fieldChanges(before, after)
}

function fieldChanges(before: JsonObject, after: JsonObject): FieldChanges {
  const names = Object.keys(after).filter((name) => textOf(before[name]) !== textOf(after[name]))
  const pick = (from: JsonObject): JsonObject =>
    Object.fromEntries(names.map((name) => [name, from[name] ?? null]))
  return { before: pick(before), after: pick(after) }
}

function textOf(value: JsonValue | undefined): string {
  return canonicalJson(value ?? null)
}

/** The state of a subject after an entry, from its state before; null where there was none. */
export function applyEntry(state: JsonObject | null, entry: AuditEntry): JsonObject {
  const { before, after, at, by, reason } = entry
  if (state === null || before === null) return { ...after }
  const next: JsonObject = { ...state, ...after }
  if (before.status === undefined || !Array.isArray(state.history)) return next
  const step = { from: before.status, to: after?.status ?? null, at, by, reason }
  return { ...next, history: [...state.history, step] }
}
