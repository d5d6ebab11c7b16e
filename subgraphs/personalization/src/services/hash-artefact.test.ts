import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { hashArtefact } from './hash-artefact.ts'

test.each([0, 1, 1024 * 1024, 3 * 1024 * 1024 + 5])('of %i bytes it is their SHA-256', async (size) => {
  const artefact = Uint8Array.from({ length: size }, (_, index) => (index * 31) & 0xff)
  expect(await hashArtefact(artefact)).toBe(hash('sha256', artefact, 'hex'))
})

test('other work has its turn while a large artefact is hashed', async () => {
  let turns = 0
  let isDone = false
  function takeTurn(): void {
    turns++
    if (!isDone) setImmediate(takeTurn)
  }
  setImmediate(takeTurn)
  await hashArtefact(new Uint8Array(32 * 1024 * 1024))
  isDone = true
  expect(turns).toBeGreaterThanOrEqual(32)
})
