import { canonicalJson, type JsonObject } from '@bulkhead/contracts'
import type { TargetingKind } from '../targeting/definitions.ts'
import {
  type AuditEntry,
  type AuditHead,
  applyEntry,
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

/** What is stored, to be compared with what the log says. */
export type StoredSubject =
  | { readonly type: 'experiment'; readonly key: string; readonly value: JsonObject & { revision: number } }
  | {
      readonly type: 'metric' | TargetingKind
      readonly key: string
      readonly value: JsonObject & { version: number }
    }

export type AuditVerifier = {
  /** Takes the next entry as it is stored; entries come in the order of their sequence. */
  add(entry: AuditEntry): void
  head(): AuditHead
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
 * begins where the one before it ended, and ends in what is stored.
 */
export function createAuditVerifier(): AuditVerifier {
  const problems: AuditProblem[] = []
  const states = new Map<string, JsonObject>()
  let head = EMPTY_LOG

  function report(sequence: number | null, subject: string | null, message: string): void {
    if (problems.length < MAX_PROBLEMS) problems.push({ sequence, subject, message })
  }

  function checkChain(entry: AuditEntry): void {
    const { sequence, subject } = entry
    const expected = head.sequence + 1
    if (sequence > expected) {
      const missing =
        sequence - expected === 1 ? `entry ${expected} is` : `entries ${expected} to ${sequence - 1} are`
      report(expected, null, `${missing} missing`)
    } else if (entryHash(head.hash, entry) !== entry.hash) {
      report(sequence, subject, 'the entry does not match its hash and the one before it')
    }
    if (entry.at < head.at) report(sequence, subject, 'the entry is older than the one before it')
  }

  function checkReplay(entry: AuditEntry): void {
    const { sequence, subject, before, after } = entry
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
    if (after !== null) states.set(subject, applyEntry(state, entry))
  }

  return {
    add(entry) {
      checkChain(entry)
      checkReplay(entry)
      head = { sequence: entry.sequence, hash: entry.hash, at: entry.at }
    },
    head: () => head,
    finish(stored) {
      const unseen = new Set(states.keys())
      for (const { type, key, value } of stored) {
        const subject = subjectOf(type, key)
        unseen.delete(subject)
        const message = difference(type, states.get(subject), value)
        if (message !== null) report(null, subject, message)
      }
      for (const subject of unseen) report(null, subject, 'the log knows it, but it is not stored any more')
      return problems
    },
  }
}

function subjectOf(type: StoredSubject['type'], key: string): string {
  if (type === 'experiment') return experimentSubject(key)
  return type === 'metric' ? metricSubject(key) : targetingSubject(type, key)
}

function difference(
  type: StoredSubject['type'],
  logged: JsonObject | undefined,
  value: JsonObject,
): string | null {
  if (logged === undefined) return 'it is stored, but no entry of the log says so: entries were removed'
  const counter = type === 'experiment' ? 'revision' : 'version'
  const [is, was] = [Number(value[counter]), Number(logged[counter])]
  if (is > was) return `it is stored at ${counter} ${is}, but the log ends at ${was}: entries were cut off`
  if (is < was) return `it is stored at ${counter} ${is}, but the log ends at ${was}: it was set back`
  const changed = Object.keys(logged).filter((name) => textOf(logged[name]) !== textOf(value[name]))
  return changed.length === 0 ? null : `what is stored differs from the log in: ${changed.sort().join(', ')}`
}

function textOf(value: JsonObject[string] | undefined): string {
  return value === undefined ? '' : canonicalJson(value)
}
