import { canonicalJson, type JsonObject } from '@bulkhead/contracts'
import type { TargetingKind } from '../targeting/definitions.ts'
import {
  type AuditEntry,
  applyEntry,
  bootstrapSubject,
  EMPTY_LOG,
  entryHash,
  experimentSubject,
  isStored,
  metricSubject,
  targetingSubject,
} from './entry.ts'

export type AuditProblem = {
  /** The entry at fault, or the first that is missing; null where the fault is not in the log. */
  readonly sequence: number | null
  /** Null where it concerns the log as a whole. */
  readonly subject: string | null
  readonly message: string
}

/** An entry as it is stored, under the sequence that it is stored by. */
export type StoredEntry = {
  readonly sequence: number
  /** Null where it cannot be read. */
  readonly entry: AuditEntry | null
  /** What is stored beside it to search by, and says something else than the entry does. */
  readonly differing: readonly string[]
}

/** What is stored, to be compared with what the log says. */
export type StoredSubject = {
  readonly key: string
  readonly differing: readonly string[]
} & (
  | {
      readonly type: 'experiment' | 'bootstrap'
      readonly value: (JsonObject & { revision: number }) | null
    }
  /** Every version, oldest first. */
  | { readonly type: 'metric'; readonly value: readonly (JsonObject & { version: number })[] | null }
  | { readonly type: TargetingKind; readonly value: JsonObject & { version: number } }
)

export type AuditVerifier = {
  /** Takes the next entry; entries come in the order of the sequence that they are stored by. */
  add(stored: StoredEntry): void
  /** The sequence of the last one; 0 before the first. */
  end(): number
  /**
   * Compares the end of the log with everything that is stored. A log whose end is cut off is intact in itself; what is
   * stored shows that entries are missing.
   */
  finish(stored: readonly StoredSubject[]): readonly AuditProblem[]
}

/** Enough to see what has happened. */
const MAX_PROBLEMS = 100

/**
 * Replays the audit log: every sequence is there once, every hash covers its entry and the hash before it, every change
 * begins where the one before it ended, and ends in what is stored. Whatever is stored, it reports and does not throw.
 */
export function createAuditVerifier(): AuditVerifier {
  const problems: AuditProblem[] = []
  const states = new Map<string, JsonObject>()
  /** The versions of metrics, by subject. */
  const versions = new Map<string, JsonObject[]>()
  let end = 0
  /** Null after an entry that cannot be read. */
  let previous: Pick<AuditEntry, 'hash' | 'at'> | null = EMPTY_LOG

  function report(sequence: number | null, subject: string | null, message: string): void {
    if (problems.length < MAX_PROBLEMS) problems.push({ sequence, subject, message })
  }

  /** Reports what cannot be looked at, such as a time beyond all calendars. */
  function guard(sequence: number | null, subject: string | null, check: () => void): void {
    try {
      check()
    } catch (error) {
      report(sequence, subject, `it cannot be verified: ${error instanceof Error ? error.message : error}`)
    }
  }

  function checkChain(sequence: number, entry: AuditEntry): void {
    const { subject } = entry
    const isNext = sequence <= end + 1
    if (isNext && previous !== null && entryHash(previous.hash, entry) !== entry.hash) {
      report(sequence, subject, 'the entry does not match its hash and the one before it')
    }
    if (previous !== null && entry.at < previous.at) {
      report(sequence, subject, 'the entry is older than the one before it')
    }
  }

  function checkReplay(sequence: number, entry: AuditEntry): void {
    const { subject, before, after } = entry
    if (!isStored(subject)) return
    const state = states.get(subject) ?? null
    for (const name of Object.keys(before ?? {})) {
      // A field that a later release added is not in the entries before it.
      if (state !== null && !Object.hasOwn(state, name)) continue
      if (textOf(state?.[name]) !== textOf(before?.[name])) {
        report(
          sequence,
          subject,
          `the change begins at another \`${name}\` than the change before it ended at`,
        )
      }
    }
    if (before === null && state !== null) report(sequence, subject, 'it is created a second time')
    if (after === null) return
    const next = applyEntry(state, entry)
    states.set(subject, next)
    if (subject.startsWith(metricSubject(''))) {
      versions.set(subject, [...(versions.get(subject) ?? []), next])
    }
  }

  function compare(subject: string, stored: StoredSubject): void {
    reportDiffering(null, subject, stored.differing)
    const state = states.get(subject)
    if (stored.value === null) {
      report(null, subject, 'what is stored cannot be read')
    } else if (stored.type === 'experiment' || stored.type === 'bootstrap') {
      const message = difference('revision', state, stored.value)
      if (message !== null) report(null, subject, message)
    } else if (stored.type === 'metric') {
      const message = difference('version', state, stored.value.at(-1) ?? {})
      if (message !== null) report(null, subject, message)
      compareEarlier(subject, stored.value)
    } else {
      const message = difference('version', state, stored.value)
      if (message !== null) report(null, subject, message)
    }
  }

  function compareEarlier(subject: string, stored: readonly JsonObject[]): void {
    const earlier = versions.get(subject)?.slice(0, -1) ?? []
    for (const [index, logged] of earlier.entries()) {
      const message = differentFields(logged, stored[index] ?? {})
      if (message !== null) report(null, subject, `version ${index + 1}: ${message}`)
    }
  }

  function reportDiffering(sequence: number | null, subject: string, names: readonly string[]): void {
    if (names.length === 0) return
    report(
      sequence,
      subject,
      `its searched columns differ from its content in: ${[...names].sort().join(', ')}`,
    )
  }

  return {
    add({ sequence, entry, differing }) {
      const expected = end + 1
      if (sequence > expected) {
        const missing =
          sequence - expected === 1 ? `entry ${expected} is` : `entries ${expected} to ${sequence - 1} are`
        report(expected, null, `${missing} missing`)
      }
      if (entry === null) {
        report(sequence, null, 'the entry cannot be read')
      } else {
        const { subject } = entry
        guard(sequence, subject, () => checkChain(sequence, entry))
        reportDiffering(sequence, subject, differing)
        guard(sequence, subject, () => checkReplay(sequence, entry))
      }
      end = sequence
      previous = entry
    },
    end: () => end,
    finish(stored) {
      const unseen = new Set(states.keys())
      for (const one of stored) {
        const subject = subjectOf(one.type, one.key)
        unseen.delete(subject)
        guard(null, subject, () => compare(subject, one))
      }
      for (const subject of unseen) report(null, subject, 'the log knows it, but it is not stored any more')
      return problems
    },
  }
}

function subjectOf(type: StoredSubject['type'], key: string): string {
  if (type === 'experiment') return experimentSubject(key)
  if (type === 'bootstrap') return bootstrapSubject(key)
  return type === 'metric' ? metricSubject(key) : targetingSubject(type, key)
}

function difference(
  counter: 'revision' | 'version',
  logged: JsonObject | undefined,
  value: JsonObject,
): string | null {
  if (logged === undefined) return 'it is stored, but no entry of the log says so: entries were removed'
  const [is, was] = [Number(value[counter]), Number(logged[counter])]
  if (is > was) return `it is stored at ${counter} ${is}, but the log ends at ${was}: entries were cut off`
  if (is < was) return `it is stored at ${counter} ${is}, but the log ends at ${was}: it was set back`
  return differentFields(logged, value)
}

function differentFields(logged: JsonObject, value: JsonObject): string | null {
  const changed = Object.keys(logged).filter((name) => textOf(logged[name]) !== textOf(value[name]))
  return changed.length === 0 ? null : `what is stored differs from the log in: ${changed.sort().join(', ')}`
}

function textOf(value: JsonObject[string] | undefined): string {
  return value === undefined ? '' : canonicalJson(value)
}
