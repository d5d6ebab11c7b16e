import type { ChangeBatch, ChangeHead } from '../../datastore/port.ts'
import {
  type AuditEntry,
  type AuditHead,
  bootstrapSubject,
  definitionChanges,
  experimentChanges,
  experimentSubject,
  metricSubject,
  nextEntry,
  targetingSubject,
} from '../../domain/audit/entry.ts'
import type { Experiment } from '../../domain/experiment.ts'
import type { Bootstrap } from '../../domain/governance/bootstrap.ts'
import {
  listedDecisions,
  type ModelDecisions,
  shipOf,
  withBootstrap,
  withShip,
} from '../../domain/governance/model-decisions.ts'
import { findParameterConflicts } from '../../domain/parameter-conflicts.ts'
import type { MetricDefinition } from '../../domain/plan/metric.ts'
import {
  altersAssignment,
  isListed,
  listedBytes,
  MAX_FILLED_BYTES,
  MAX_LISTED_EXPERIMENTS,
  nextSnapshot,
  showsDecisions,
} from '../../domain/publishing.ts'
import type { ExperimentRefusal } from '../../domain/refusals.ts'
import {
  findDefinition,
  type SavedGroup,
  type Targeting,
  type TargetingDefinition,
  withDefinitions,
} from '../../domain/targeting/definitions.ts'
import { findLayerConflict } from '../../domain/targeting/layer-ranges.ts'
import { findDependents, findUnresolvable } from '../../domain/targeting/prerequisites.ts'
import {
  coversExperiment,
  groupBytes,
  isGroupUsed,
  snapshotParts,
} from '../../domain/targeting/snapshot-parts.ts'
import type { SignSnapshot } from '../snapshot-service.ts'
import type { Change, ChangeOutcome, ChangeState } from './change.ts'

/** What is stored, as far as the changes of a batch need it. */
export type StoredState = {
  readonly head: ChangeHead
  /** Every experiment that the snapshot lists. */
  readonly listed: ReadonlyMap<string, Experiment>
  readonly experiments: ReadonlyMap<string, Experiment>
  /** The newest version of each. */
  readonly metrics: ReadonlyMap<string, MetricDefinition>
  readonly targeting: Targeting
  readonly decisions: ModelDecisions
}

type Listing = ReadonlyMap<string, Experiment>

export type BatchInProgress = {
  /** Decides one change on the result of those before it. */
  add(change: Change): ChangeOutcome
  /** What there is to store, signed; null where every change was refused. */
  finish(): ChangeBatch | null
  /** The state after what `finish` returned was stored. */
  after(): Pick<StoredState, 'head' | 'listed' | 'targeting' | 'decisions'>
}

/** @param options.now epoch milliseconds */
export function beginBatch(
  stored: StoredState,
  options: { readonly now: number; readonly sign: SignSnapshot },
): BatchInProgress {
  const at = Math.max(options.now, stored.head.at)
  const experiments = new Map(stored.experiments)
  const metrics = new Map(stored.metrics)
  const listed = new Map(stored.listed)
  const entries: AuditEntry[] = []
  const changedKeys = new Set<string>()
  const newMetrics: MetricDefinition[] = []
  const changedDefinitions = new Map<string, TargetingDefinition>()
  const changedBootstraps = new Map<string, Bootstrap>()
  let { targeting, decisions } = stored
  let head: AuditHead = stored.head
  let needsSnapshot = false

  const state: ChangeState = {
    experiment: (key) => experiments.get(key),
    metric: (key) => metrics.get(key),
    get targeting() {
      return targeting
    },
    get decisions() {
      return decisions
    },
    snapshotVersion: stored.head.snapshotVersion,
    listed: () => listed.values(),
    at,
  }

  const unsignedSnapshot = (listing: Listing, definitions: Targeting, decided: ModelDecisions) =>
    nextSnapshot({ version: stored.head.snapshotVersion }, [...listing.values()], definitions, at, decided)

  /** Octets of the snapshot that lists these experiments and decisions. */
  function snapshotBytes(listing: Listing, definitions: Targeting, decided: ModelDecisions): number {
    let bytes = listing.size === 0 ? 0 : -1
    for (const experiment of listing.values()) bytes += listedBytes(experiment)
    const { savedGroups, ...parts } = snapshotParts(listing.values(), definitions)
    const frame = {
      ...unsignedSnapshot(new Map(), definitions, decided),
      ...parts,
      ...(savedGroups === undefined ? {} : { savedGroups: {} }),
    }
    const frameBytes = Buffer.byteLength(JSON.stringify(options.sign(frame)))
    return frameBytes + bytes + groupBytes(listing.values(), definitions)
  }

  /** A snapshot that was too large before may stay so, but not grow. */
  function refuseSize(
    listing: Listing,
    definitions: Targeting,
    decided: ModelDecisions = decisions,
  ): ExperimentRefusal | null {
    const bytes = snapshotBytes(listing, definitions, decided)
    if (bytes <= MAX_FILLED_BYTES || bytes <= snapshotBytes(listed, targeting, decisions)) return null
    return tooLarge(bytes)
  }

  function refuseListing(before: Experiment | undefined, after: Experiment): ExperimentRefusal | null {
    const wasListed = before !== undefined && isListed(before)
    const others = new Map(listed)
    others.delete(after.key)
    // A stop, even of a paused experiment, treats nobody otherwise; a decision does.
    if (after.status === 'DECIDED') return findDependents(after.key, others.values())
    if (!isListed(after)) return null
    // Whoever switches off or stops what is listed takes nothing that others could have.
    if (wasListed && before.status !== after.status && after.status !== 'RUNNING') return null
    if (!wasListed && others.size >= MAX_LISTED_EXPERIMENTS) {
      return { type: 'snapshot-full', limit: MAX_LISTED_EXPERIMENTS }
    }
    return (
      findLayerConflict(after, others.values()) ??
      findParameterConflicts(after, [...others.values()]) ??
      findUnresolvable(after, others) ??
      refuseSize(others.set(after.key, after), targeting)
    )
  }

  function record(change: Change, facts: Pick<AuditEntry, 'subject' | 'before' | 'after'>): void {
    const entry = nextEntry(head, {
      at,
      by: change.by,
      action: change.action,
      reason: change.reason,
      ...facts,
    })
    entries.push(entry)
    head = entry
  }

  function changeExperiment(change: Change, after: Experiment): ExperimentRefusal | null {
    const before = experiments.get(after.key)
    const isNewShip = shipOf(after)?.signature !== (before && shipOf(before)?.signature)
    const decided = isNewShip ? withShip(decisions, after) : decisions
    const alters = altersAssignment(before ?? null, after)
    const refusal =
      (alters ? refuseListing(before, after) : null) ??
      takeDecisions(decided, isListed(after) ? listed : without(listed, after.key))
    if (refusal !== null) return refusal
    needsSnapshot ||= alters
    experiments.set(after.key, after)
    changedKeys.add(after.key)
    if (isListed(after)) listed.set(after.key, after)
    else listed.delete(after.key)
    const subject = experimentSubject(after.key)
    record(change, { subject, ...experimentChanges(before ?? null, after) })
    return null
  }

  /** Takes over what is decided about models, with the snapshot that lists it, unless that would be too large. */
  function takeDecisions(decided: ModelDecisions, listing: Listing): ExperimentRefusal | null {
    if (decided === decisions) return null
    if (!showsDecisions({ decisions: listedDecisions(decisions) }, decided)) {
      const refusal = refuseSize(listing, targeting, decided)
      if (refusal !== null) return refusal
      needsSnapshot = true
    }
    decisions = decided
    return null
  }

  function changeBootstrap(change: Change, after: Bootstrap): ExperimentRefusal | null {
    const { modelVersionId } = after
    const before = decisions.bootstraps.get(modelVersionId) ?? null
    const refusal = takeDecisions(withBootstrap(decisions, after), listed)
    if (refusal !== null) return refusal
    changedBootstraps.set(modelVersionId, after)
    record(change, { subject: bootstrapSubject(modelVersionId), ...definitionChanges(before, after) })
    return null
  }

  /** The listed experiments that assign otherwise with the definition. */
  function reassigned({ kind, value }: TargetingDefinition): readonly Experiment[] {
    switch (kind) {
      case 'layer':
        return []
      case 'holdout':
        return [...listed.values()].filter((experiment) => coversExperiment(value, experiment))
      case 'savedGroup':
        if (hasSameValues(targeting.savedGroups.get(value.key), value)) return []
        return [...listed.values()].filter((experiment) => isGroupUsed(value.key, experiment))
    }
  }

  function saveDefinition(change: Change, definition: TargetingDefinition): ExperimentRefusal | null {
    const { kind, value } = definition
    const before = findDefinition(targeting, definition)
    const next = withDefinitions(targeting, [definition])
    const affected = reassigned(definition)
    if (affected.length > 0) {
      const stopped = affected.filter(({ status }) => status === 'STOPPED')
      if (kind === 'savedGroup' && stopped.length > 0) {
        return { type: 'group-in-use', experimentKeys: stopped.map(({ key }) => key) }
      }
      const refusal = refuseSize(listed, next)
      if (refusal !== null) return refusal
      needsSnapshot = true
    }
    const subject = targetingSubject(kind, value.key)
    record(change, { subject, ...definitionChanges(before ?? null, value) })
    targeting = next
    changedDefinitions.set(subject, definition)
    return null
  }

  return {
    add(change) {
      const outcome = change.decide(state)
      if (outcome.type === 'changed') {
        const refusal = changeExperiment(change, outcome.experiment)
        if (refusal !== null) return { type: 'refused', refusal }
      } else if (outcome.type === 'defined') {
        const { metric } = outcome
        const before = metrics.get(metric.key) ?? null
        record(change, { subject: metricSubject(metric.key), ...definitionChanges(before, metric) })
        metrics.set(metric.key, metric)
        newMetrics.push(metric)
      } else if (outcome.type === 'saved') {
        const refusal = saveDefinition(change, outcome.definition)
        if (refusal !== null) return { type: 'refused', refusal }
      } else if (outcome.type === 'bootstrapped') {
        const refusal = changeBootstrap(change, outcome.bootstrap)
        if (refusal !== null) return { type: 'refused', refusal }
      } else if (outcome.type === 'republished') {
        const { subject, before, after } = outcome
        const bytes = snapshotBytes(listed, targeting, decisions)
        if (bytes > MAX_FILLED_BYTES) return { type: 'refused', refusal: tooLarge(bytes) }
        record(change, { subject, before, after })
        needsSnapshot = true
      } else if (outcome.type === 'noted') {
        record(change, { subject: outcome.subject, before: null, after: outcome.facts })
      }
      return outcome
    },

    finish() {
      if (entries.length === 0) return null
      return {
        expected: stored.head,
        entries,
        experiments: [...changedKeys].flatMap((key) => {
          const experiment = experiments.get(key)
          const expectedRevision = stored.experiments.get(key)?.revision ?? 0
          return experiment === undefined ? [] : [{ experiment, expectedRevision }]
        }),
        metrics: newMetrics,
        definitions: [...changedDefinitions.values()].map((definition) => ({
          definition,
          expectedVersion: findDefinition(stored.targeting, definition)?.version ?? 0,
        })),
        bootstraps: [...changedBootstraps.values()].map((bootstrap) => ({
          bootstrap,
          expectedRevision: stored.decisions.bootstraps.get(bootstrap.modelVersionId)?.revision ?? 0,
        })),
        snapshot: needsSnapshot ? options.sign(unsignedSnapshot(listed, targeting, decisions)) : null,
      }
    },

    after() {
      const { sequence, hash, at: headAt } = head
      const snapshotVersion = stored.head.snapshotVersion + (needsSnapshot ? 1 : 0)
      return { head: { sequence, hash, at: headAt, snapshotVersion }, listed, targeting, decisions }
    },
  }
}

function tooLarge(bytes: number): ExperimentRefusal {
  return { type: 'snapshot-too-large', bytes, limit: MAX_FILLED_BYTES }
}

function without(listing: Listing, key: string): Listing {
  const others = new Map(listing)
  others.delete(key)
  return others
}

function hasSameValues(before: SavedGroup | undefined, after: SavedGroup): boolean {
  return JSON.stringify(before?.values) === JSON.stringify(after.values)
}
