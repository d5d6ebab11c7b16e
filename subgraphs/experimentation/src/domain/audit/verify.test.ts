import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleEntry } from '../../testing/sample-changes.ts'
import { sampleGroup, sampleLayer } from '../../testing/sample-targeting.ts'
import { sampleExperiment } from '../../testing/samples.ts'
import type { Experiment } from '../experiment.ts'
import type { SavedGroup } from '../targeting/definitions.ts'
import {
  type AuditEntry,
  type AuditHead,
  definitionChanges,
  EMPTY_LOG,
  nextEntry,
  qaOverrideSubject,
  targetingSubject,
} from './entry.ts'
import { createAuditVerifier, type StoredEntry, type StoredSubject } from './verify.ts'

/** A log of three experiments, each changed a few times, and what is stored at its end. */
function sampleLog() {
  const entries: AuditEntry[] = []
  const stored = new Map<string, Experiment>()
  let head: AuditHead = EMPTY_LOG
  function change(after: Experiment): void {
    const entry = sampleEntry(head, after, stored.get(after.key) ?? null)
    entries.push(entry)
    head = entry
    stored.set(after.key, after)
  }
  for (let revision = 1; revision <= 4; revision++) {
    for (const key of ['a', 'b', 'c']) {
      change(sampleExperiment({ key, revision, name: `${key} ${revision}` }))
    }
  }
  return { entries, stored: [...stored.values()] }
}

function verify(entries: readonly AuditEntry[], stored: readonly Experiment[]) {
  const verifier = createAuditVerifier()
  for (const entry of entries) verifier.add({ sequence: entry.sequence, entry, differing: [] })
  return verifier.finish(
    stored.map((value): StoredSubject => ({ type: 'experiment', key: value.key, value, differing: [] })),
  )
}

const log = sampleLog()

test('a log as it was written is intact', () => {
  expect(verify(log.entries, log.stored)).toEqual([])
  expect(verify([], [])).toEqual([])
})

test('a changed entry is found where it is', () => {
  for (const [index, entry] of log.entries.entries()) {
    for (const change of [
      { by: 'eve' },
      { reason: 'x' },
      { at: entry.at + 1 },
      { action: 'x' },
      { hash: 'f'.repeat(64) },
    ]) {
      const tampered = log.entries.with(index, { ...entry, ...change })
      expect(verify(tampered, log.stored)[0]).toMatchObject({ sequence: index + 1 })
    }
  }
})

test('an entry whose hash was computed anew is found at the next one', () => {
  const changed = nextEntry(log.entries[3] ?? EMPTY_LOG, { ...(log.entries[4] as AuditEntry), by: 'eve' })
  expect(verify(log.entries.with(4, changed), log.stored)).toMatchObject([{ sequence: 6 }])
})

test('removed, inserted and swapped entries are found', () => {
  const { entries } = log
  expect(verify(entries.toSpliced(4, 2), log.stored)[0]).toEqual({
    sequence: 5,
    subject: null,
    message: 'entries 5 to 6 are missing',
  })
  expect(verify(entries.slice(1), log.stored)[0]).toMatchObject({
    sequence: 1,
    message: 'entry 1 is missing',
  })
  const inserted = entries.toSpliced(4, 0, entries[4] as AuditEntry)
  expect(verify(inserted, log.stored)[0]).toMatchObject({ sequence: 5 })
  const swapped = entries.with(4, entries[5] as AuditEntry).with(5, entries[4] as AuditEntry)
  expect(verify(swapped, log.stored).length).toBeGreaterThan(0)
})

test('an end that was cut off shows in what is stored', () => {
  const problems = verify(log.entries.slice(0, -2), log.stored)
  expect(problems).toEqual([
    {
      sequence: null,
      subject: 'experiment:b',
      message: 'it is stored at revision 4, but the log ends at 3: entries were cut off',
    },
    {
      sequence: null,
      subject: 'experiment:c',
      message: 'it is stored at revision 4, but the log ends at 3: entries were cut off',
    },
  ])
  expect(verify([], log.stored)).toHaveLength(3)
})

test('a stored experiment that was changed, set back or removed is found', () => {
  const [a, b, c] = log.stored as [Experiment, Experiment, Experiment]
  expect(verify(log.entries, [{ ...a, owner: 'eve' }, b, c])).toMatchObject([
    { subject: 'experiment:a', message: 'what is stored differs from the log in: owner' },
  ])
  expect(verify(log.entries, [{ ...a, revision: 3, name: 'a 3' }, b, c])).toMatchObject([
    { subject: 'experiment:a', message: expect.stringContaining('set back') },
  ])
  expect(verify(log.entries, [a, b])).toMatchObject([{ subject: 'experiment:c' }])
})

test('a chain that was computed anew from a change on does not fit what it is about', () => {
  const [first, ...rest] = log.entries as [AuditEntry, ...AuditEntry[]]
  let head: AuditHead = nextEntry(EMPTY_LOG, { ...first, after: { ...first.after, owner: 'eve' } })
  const forged = [head as AuditEntry]
  for (const entry of rest) {
    const next = nextEntry(head, entry)
    forged.push(next)
    head = next
  }
  expect(verify(forged, log.stored)).toMatchObject([{ subject: 'experiment:a' }])
})

test('layers, holdouts and saved groups are compared too, what is only noted is not', () => {
  const facts = { at: 1, by: 'ana', action: 'a', reason: 'r' }
  const subject = targetingSubject('savedGroup', 'staff')
  const [before, after] = [sampleGroup(), sampleGroup({ version: 2, values: ['u3'] })]
  const noted = { subject: qaOverrideSubject('a'), before: null, after: { unit: 'u1' } }
  const changes = [
    { subject, before: null, after: before },
    noted,
    { subject, ...definitionChanges(before, after) },
    noted,
    { subject: 'snapshot', before: { keyId: 'a' }, after: { keyId: 'b' } },
    { subject: targetingSubject('layer', 'ranking'), before: null, after: sampleLayer() },
  ]
  const entries: AuditEntry[] = []
  for (const change of changes) entries.push(nextEntry(entries.at(-1) ?? EMPTY_LOG, { ...facts, ...change }))
  const verifyStored = (group: SavedGroup, ...more: StoredSubject[]) => {
    const verifier = createAuditVerifier()
    for (const entry of entries) verifier.add({ sequence: entry.sequence, entry, differing: [] })
    return verifier.finish([{ type: 'savedGroup', key: 'staff', value: group, differing: [] }, ...more])
  }
  const layer: StoredSubject = { type: 'layer', key: 'ranking', value: sampleLayer(), differing: [] }
  expect(verifyStored(after, layer)).toEqual([])
  expect(verifyStored({ ...after, values: ['eve'] }, layer)).toEqual([
    { sequence: null, subject, message: 'what is stored differs from the log in: values' },
  ])
  expect(verifyStored(after)).toMatchObject([{ subject: 'layer:ranking' }])
})

test('an entry that cannot be read or hashed, and one that is stored under another sequence, are reported', () => {
  function problemsWith(change: Partial<StoredEntry>) {
    const verifier = createAuditVerifier()
    for (const [index, entry] of log.entries.entries()) {
      const stored = { sequence: entry.sequence, entry, differing: [] }
      verifier.add(index === 4 ? { ...stored, ...change } : stored)
    }
    return verifier.finish(
      log.stored.map((value) => ({ type: 'experiment', key: value.key, value, differing: [] })),
    )
  }
  const fifth = log.entries[4] as AuditEntry
  expect(problemsWith({ entry: null })[0]).toEqual({
    sequence: 5,
    subject: null,
    message: 'the entry cannot be read',
  })
  for (const at of [1e17, -1e17, Number.NaN]) {
    expect(problemsWith({ entry: { ...fifth, at } })[0]).toMatchObject({
      sequence: 5,
      message: expect.stringMatching(/^it cannot be verified: /),
    })
  }
  expect(problemsWith({ entry: { ...fifth, after: { name: '\ud800' } } })[0]).toMatchObject({ sequence: 5 })
  expect(problemsWith({ entry: { ...fifth, sequence: 0 }, differing: ['sequence'] })[0]).toMatchObject({
    sequence: 5,
  })
  expect(problemsWith({ differing: ['author', 'action'] })).toEqual([
    {
      sequence: 5,
      subject: fifth.subject,
      message: 'its searched columns differ from its content in: action, author',
    },
  ])
})

test('any one bit of an entry counts', () => {
  fc.assert(
    fc.property(fc.nat(log.entries.length - 1), fc.nat(10_000), (index, position) => {
      const text = JSON.stringify(log.entries[index])
      const at = position % text.length
      const flipped = text.slice(0, at) + String.fromCharCode(text.charCodeAt(at) ^ 1) + text.slice(at + 1)
      let entry: AuditEntry
      try {
        entry = JSON.parse(flipped)
      } catch {
        return
      }
      const isWhole = Object.keys(log.entries[index] ?? {}).every((name) => Object.hasOwn(entry, name))
      fc.pre(isWhole && Number.isInteger(entry.sequence) && Number.isFinite(new Date(entry.at).getTime()))
      expect(verify(log.entries.with(index, entry), log.stored).length).toBeGreaterThan(0)
    }),
  )
})
