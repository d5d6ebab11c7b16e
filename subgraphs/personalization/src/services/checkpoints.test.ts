import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFileCheckpoints } from './checkpoints.ts'

let parent: string
let folder: string

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'bulkhead-checkpoints-'))
  folder = join(parent, 'not-there-yet')
})
afterEach(() => rmSync(parent, { recursive: true }))

const CHECKPOINT = { epochs: 3, itemFactors: Float64Array.of(1 / 3, -2, Number.MIN_VALUE) }

describe('checkpoints in a file', () => {
  test('the last one of a run comes back bit by bit, and leaves no other file', async () => {
    const checkpoints = createFileCheckpoints(folder)
    await checkpoints.save('a run', { ...CHECKPOINT, epochs: 2 })
    await checkpoints.save('a run', CHECKPOINT)
    expect(await createFileCheckpoints(folder).load('a run')).toEqual(CHECKPOINT)
    expect(readdirSync(folder).length).toBe(1)
  })

  test('there is none before the first, of another run, and after it was cleared', async () => {
    const checkpoints = createFileCheckpoints(folder)
    expect(await checkpoints.load('a run')).toBeNull()
    await checkpoints.clear()
    await checkpoints.save('a run', CHECKPOINT)
    expect(await checkpoints.load('another run')).toBeNull()
    writeFileSync(join(folder, `${readdirSync(folder)[0]}.4711`), 'left over from a killed process')
    await checkpoints.clear()
    expect(await checkpoints.load('a run')).toBeNull()
    expect(readdirSync(folder)).toEqual([])
  })

  test('a damaged one counts as none', async () => {
    const checkpoints = createFileCheckpoints(folder)
    await checkpoints.save('a run', CHECKPOINT)
    const path = join(folder, readdirSync(folder)[0]!)
    const bytes = readFileSync(path)
    for (const damaged of [bytes.subarray(0, 40), bytes.subarray(0, -1), flipped(bytes, bytes.length - 3)]) {
      writeFileSync(path, damaged)
      expect(await checkpoints.load('a run')).toBeNull()
    }
  })
})

function flipped(bytes: Buffer, place: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[place] = (copy[place] ?? 0) ^ 1
  return copy
}
