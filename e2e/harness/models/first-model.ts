import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { runPersonalization } from '../commands.ts'
import type { Stack } from '../stack.ts'
import { waitUntil } from '../wait-until.ts'
import { decideBootstrap, lacksNothing, promote, servedBy } from './model-walk.ts'

const DAY_MS = 86_400_000
const FIRST_DAY = Date.UTC(2026, 0, 1)
/** The last one is what the model is evaluated on. */
const DAYS = 7
export const USERS = 120
/** Tastes that share nothing: users of one never have an item of another. */
const TASTES = 6
const ITEMS_PER_TASTE = 8

/** Every user takes the items of a taste in an order of their own, one a day. */
function plays(): string {
  const rows = Array.from({ length: USERS }, (_, user) =>
    Array.from({ length: DAYS }, (_, day) => {
      const item = (user * 3 + day * (1 + 2 * (user % 2))) % ITEMS_PER_TASTE
      const at = new Date(FIRST_DAY + day * DAY_MS).toISOString()
      return [`u${user}`, `t${user % TASTES}-${item}`, 'PLAY', at].join()
    }),
  )
  return `userId,itemId,type,occurredAt\n${rows.flat().join('\n')}\n`
}

/** Stores the plays of all days, which make a small catalogue. */
export async function importPlays(stack: Stack): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-e2e-plays-'))
  try {
    const file = join(folder, 'plays.csv')
    writeFileSync(file, plays())
    await runPersonalization(stack, ['import', 'interactions', file, '--no-train'])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Trains a model on a small catalogue and has it walk to PRODUCTION, as the first of the deployment. @returns its id */
export async function walkFirstModel(stack: Stack): Promise<string> {
  await importPlays(stack)
  const id = await trainOnFirstDays(stack)
  await runPersonalization(stack, ['evaluate', '--model', id, '--record'])
  expect(await promote(stack, id, 'EVALUATED')).toBe('EVALUATED')
  await decideBootstrap(stack, id)
  await lacksNothing(stack, id, 'PRODUCTION')
  expect(await promote(stack, id, 'PRODUCTION')).toBe('PRODUCTION')
  await waitUntil('the first model serves', async () => (await servedBy(stack, 'u1')) === `MODEL ${id}`)
  return id
}

/** Registers a model of all days but the last. @returns its id */
export function trainOnFirstDays(stack: Stack, ...options: readonly string[]): Promise<string> {
  return trainOnDays(stack, DAYS - 1, ...options)
}

/** Registers a model of the first so many days. @returns its id */
export async function trainOnDays(
  stack: Stack,
  days: number,
  ...options: readonly string[]
): Promise<string> {
  const until = new Date(FIRST_DAY + days * DAY_MS - 1).toISOString()
  const printed = await runPersonalization(stack, ['train', '--until', until, ...options])
  expect(printed).toMatch(/REGISTERED: it does not serve yet/)
  return /Model (\S+) /.exec(printed)?.[1] ?? expect.fail(printed)
}
