import { Writable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DeadLettersCommand } from '../command-line/dead-letters.ts'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { sampleExposure } from '../testing/samples/slates.ts'
import { NOON } from '../testing/samples/time.ts'
import { runDeadLetters } from './dead-letters.ts'

let store: PersonalizationStore
beforeEach(async () => {
  store = await openPersonalizationStore('sqlite::memory:')
})
afterEach(() => store.close())

async function keep(count: number, code: string, prefix: string): Promise<void> {
  const letters = Array.from({ length: count }, (_, at) => ({
    event: sampleExposure(`${prefix}${at}`),
    code,
    message: 'no\u001b[31m such variant',
    at: NOON + at,
  }))
  await store.addDeadLetters(letters)
}

async function run(command: DeadLettersCommand): Promise<string> {
  let printed = ''
  const out = new Writable({
    write(chunk, _, done) {
      printed += String(chunk)
      done()
    },
  })
  expect(await runDeadLetters(command, { store, out })).toBe(0)
  return printed
}

test('they are listed with why they were refused, oldest first, and what was left out is said', async () => {
  await keep(3, 'UNKNOWN_VARIANT', 'e')
  const lines = (await run({ action: 'list', limit: 2, json: false })).split('\n')
  expect(lines[0]).toMatch(/^event +kept at +kind +code +message$/)
  expect(lines[1]).toMatch(
    /^e0 +2026-01-15T12:00:00\.000Z +exposure +UNKNOWN_VARIANT +no {1,2}\[31m such variant$/,
  )
  expect(lines[3]).toBe('The oldest 2 of 3; --limit shows more.')
  const json = JSON.parse(await run({ action: 'list', limit: 10, json: true }))
  expect(json).toMatchObject({
    total: 3,
    deadLetters: [{ eventId: 'e0' }, { eventId: 'e1' }, { eventId: 'e2' }],
  })
  expect(json.deadLetters[0].event).toEqual(sampleExposure('e0'))
})

test('no dead letters are said to be none', async () => {
  expect(await run({ action: 'list', limit: 10, json: false })).toBe('No dead letters.\n')
})

test('all are replayed, however many pages there are', async () => {
  await keep(1_203, 'UNKNOWN_VARIANT', 'e')
  const command = { action: 'replay', eventIds: null, code: null, json: true } as const
  expect(JSON.parse(await run(command))).toEqual({ replayed: 1_203, left: 0 })
  expect((await store.outboxState()).size).toBe(1_203)
})

test('some are replayed by their ids or their code, and the others stay', async () => {
  await keep(3, 'UNKNOWN_VARIANT', 'a')
  await keep(3, 'EVENT_TOO_OLD', 'b')
  const byId = {
    action: 'replay',
    eventIds: ['a1', 'b1', 'none'],
    code: 'EVENT_TOO_OLD',
    json: false,
  } as const
  expect(await run(byId)).toBe('Replayed: 1 event is in the outbox again, 5 dead letters are left.\n')
  await run({ action: 'replay', eventIds: null, code: 'UNKNOWN_VARIANT', json: false })
  const left = await store.listDeadLetters({ limit: 10, after: null })
  expect(left.map(({ event }) => event.eventId)).toEqual(['b0', 'b2'])
})
