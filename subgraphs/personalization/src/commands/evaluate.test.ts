import { hash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@bulkhead/service/logging'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EvaluationCommand } from '../command-line/evaluation.ts'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { createTrainingService } from '../services/training-service.ts'
import { sampleItem } from '../testing/samples/catalogue.ts'
import { sampleInteraction } from '../testing/samples/interactions.ts'
import { serveModel } from '../testing/serving-model.ts'
import type { CommandContext } from './context.ts'
import { evaluate } from './evaluate.ts'

const DAY = 86_400_000
/** Two tastes that share nothing: users of one never have an item of the other. */
const TASTES = ['folk', 'jazz'] as const
const USERS = 40
/** Coprime to the 10 items of a taste, so that no user has one twice. */
const STRIDES = [1, 3, 7] as const

let folder: string
let store: PersonalizationStore
let context: CommandContext
let printed: { out: string; err: string }

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-evaluate-'))
  store = await openPersonalizationStore('sqlite::memory:', { pauseBulkWrites: false })
  printed = { out: '', err: '' }
  const clock = { now: () => Date.UTC(2026, 0, 1) }
  const log = createLogger({ service: 'test', level: 'silent' })
  context = {
    store,
    clock,
    training: createTrainingService({ store, clock, log }),
    out: { write: (text) => (printed.out += text) },
    err: { write: (text) => (printed.err += text) },
  }
  await store.upsertItems(
    TASTES.flatMap((taste) =>
      Array.from({ length: 10 }, (_, n) => sampleItem(`${taste}${n}`, { categories: [taste] })),
    ),
  )
  await store.importInteractions(
    Array.from({ length: USERS }, (_, user) =>
      Array.from({ length: 6 }, (_, n) =>
        sampleInteraction(`event-${user}-${n}`, {
          userId: `u${user}`,
          itemId: `${TASTES[user % 2]}${(user * 3 + n * (STRIDES[user % 3] ?? 1)) % 10}`,
          occurredAt: (n + 1) * DAY,
        }),
      ),
    ).flat(),
  )
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

const PROTOCOL = {
  split: { kind: 'temporal', cutoff: null },
  cutoffs: [3],
  seed: 1,
  json: true,
  report: null,
} as const

async function run(command: Partial<EvaluationCommand> & { model?: string } = {}) {
  printed = { out: '', err: '' }
  const code = await evaluate(
    { name: 'evaluate', model: 'item-knn', record: false, ...PROTOCOL, ...command } as EvaluationCommand,
    context,
  )
  expect(code).toBe(0)
  return printed.out
}

function metric(report: string, name: string): { value: number; lower: number; upper: number } {
  const { metrics } = JSON.parse(report) as {
    metrics: { name: string; value: number; lower: number; upper: number }[]
  }
  const found = metrics.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no ${name}`)
  return found
}

describe('evaluate', () => {
  test('trains on the train part, and finds that the model keeps to the tastes where popular does not', async () => {
    const knn = await run()
    const popular = await run({ model: 'popular' })
    expect(JSON.parse(knn)).toMatchObject({
      type: 'evaluation',
      protocol: {
        split: { kind: 'temporal', cutoff: '1970-01-07T00:00:00.000Z' },
        users: { measured: USERS },
      },
      model: { name: 'item-knn', artefactHash: null },
    })
    expect(metric(knn, 'recall@3').value).toBeGreaterThan(metric(popular, 'recall@3').value)
    expect(metric(knn, 'miscalibration@3').value).toBeCloseTo(0, 6)
    expect(metric(knn, 'diversity@3').value).toBe(0)
    expect(metric(popular, 'miscalibration@3').value).toBeGreaterThan(0.1)
    const { value, lower, upper } = metric(knn, 'ndcg@3')
    expect(lower).toBeLessThanOrEqual(value)
    expect(upper).toBeGreaterThanOrEqual(value)
  })

  test('gives the same bytes again, in the file as on the terminal, and others for another seed', async () => {
    const file = join(folder, 'report.json')
    const first = await run({ report: file })
    expect(printed.err).toContain(`Report written to ${file}`)
    expect(readFileSync(file, 'utf8')).toBe(first)
    expect(await run()).toBe(first)
    const other = await run({ seed: 2 })
    expect(other).not.toBe(first)
    expect(metric(other, 'ndcg@3').value).toBe(metric(first, 'ndcg@3').value)
  })

  test('says that other data are other data', async () => {
    const before = await run()
    await store.importInteractions([
      sampleInteraction('event-new-0', { userId: 'u0', itemId: 'jazz9', occurredAt: DAY }),
    ])
    const { protocol } = JSON.parse(before)
    const { protocol: after } = JSON.parse(await run())
    expect(after.data.fingerprint).not.toBe(protocol.data.fingerprint)
    expect(after.split.train.fingerprint).not.toBe(protocol.split.train.fingerprint)
    expect(after.split.test).toEqual(protocol.split.test)
  })

  test('prints a table without --json', async () => {
    const table = await run({ json: false })
    expect(table).toMatch(/^Train part: 200 pairs of 40 users with 20 items/)
    expect(table).toMatch(/^ndcg@3 +0\.\d{4} +0\.\d{4} to 0\.\d{4} +40$/m)
    expect(table).toMatch(/^coverage@3 +\d\.\d{4} +- +-$/m)
  })

  test('leave-one-out asks for one item of each user', async () => {
    const report = JSON.parse(await run({ split: { kind: 'leave-one-out' } }))
    expect(report.protocol.split).toMatchObject({
      kind: 'leave-one-out',
      cutoff: null,
      test: { users: 40, pairs: 40 },
    })
  })

  test('takes the test part from a file, and says how many of its users have no history', async () => {
    const file = join(folder, 'test.txt')
    writeFileSync(file, 'u0 folk1 folk8 folk9\nstranger folk1 folk5\n')
    const report = JSON.parse(await run({ split: { kind: 'given', file, format: 'lists' } }))
    expect(report.protocol).toMatchObject({
      split: { kind: 'given', train: { pairs: 240 }, test: { users: 2 } },
      users: { measured: 1, withoutHistory: 1 },
    })
    writeFileSync(file, 'userId,itemId\nu0,folk8\nu0,\n')
    await expect(run({ split: { kind: 'given', file, format: 'csv' } })).rejects.toThrow(
      /cannot read .* line 3 /,
    )
    await expect(run({ split: { kind: 'given', file: `${file}.no`, format: null } })).rejects.toThrow(
      /cannot read/,
    )
  })
})

describe('a stored version', () => {
  test('is measured as it is on what came after its training, and refused on what it has seen', async () => {
    const { id, artefactHash, trainingData } = await context.training.train({ owner: 'ada', reason: 'test' })
    expect(
      JSON.parse(await run({ split: { kind: 'given', file: await later(), format: 'csv' }, model: id })),
    ).toMatchObject({
      protocol: {
        data: { fingerprint: trainingData.fingerprint },
        // The skip of the file is no consumption.
        split: { test: { pairs: 1 } },
      },
      model: { name: id, artefactHash },
    })
    await expect(run({ model: id })).rejects.toMatchObject({ code: 'NO_SUCH_SPLIT' })
    const seen = { kind: 'temporal', cutoff: 6 * DAY } as const
    await expect(run({ model: id, split: seen })).rejects.toMatchObject({ code: 'SEEN_TEST_DATA' })
    await expect(run({ model: id, split: { kind: 'leave-one-out' } })).rejects.toThrow(
      /was trained on interactions up to 1970-01-07/,
    )
    await store.importInteractions([
      sampleInteraction('event-late-0', { userId: 'u0', itemId: 'folk8', occurredAt: 7 * DAY }),
    ])
    expect(JSON.parse(await run({ model: id })).protocol).toMatchObject({
      split: { cutoff: '1970-01-07T00:00:00.001Z' },
      users: { measured: 1 },
    })
  })

  test('is refused where its artefact is not what was stored, or cannot be read', async () => {
    const version = await context.training.train({ owner: 'ada', reason: 'test' })
    const file = await later()
    const { store: whole } = context
    const bytes = new Uint8Array([1, 2, 3])
    for (const [artefactHash, message] of [
      [version.artefactHash, /cannot be read: the artefact's SHA-256 is/],
      [hash('sha256', bytes), /cannot be read/],
    ] as const) {
      const modelVersionsByIds = () => Promise.resolve([{ ...version, artefactHash }])
      context = {
        ...context,
        store: { ...whole, modelVersionsByIds, modelArtefact: () => Promise.resolve(bytes) },
      }
      await expect(
        run({ split: { kind: 'given', file, format: 'csv' }, model: version.id }),
      ).rejects.toMatchObject({ code: 'BROKEN_ARTEFACT', message: expect.stringMatching(message) })
    }
  })

  test('is compared with the champion, or with what is popular, and keeps that as its evaluation', async () => {
    const trainOn = (until: number) => context.training.train({ owner: 'ada', reason: 'test', until })
    const first = await trainOn(5 * DAY)
    expect(first).toMatchObject({ stage: 'REGISTERED', trainingData: { interactions: 160, cutoff: 4 * DAY } })
    expect(await trainOn(5 * DAY)).toEqual(first)
    const record = { record: true, cutoffs: [10], json: true } as const
    const report = await run({ ...record, model: first.id })
    expect(JSON.parse(report)).toMatchObject({
      models: [{ name: 'popular' }, { name: first.id }],
      protocol: { split: { cutoff: new Date(4 * DAY + 1).toISOString() } },
    })
    expect(printed.err).toMatch(
      /Recorded as the evaluation of .*, [0-9a-f]{12}; a list took .* It may be EVALUATED\./,
    )
    const kept = (await store.modelEvaluations([first.id])).get(first.id)
    expect(kept).toMatchObject({
      championId: null,
      report: JSON.parse(report),
      createdAt: context.clock.now(),
    })
    expect(kept?.hash).toBe(hash('sha256', report.trimEnd()))
    // CPU time: a list of so few items may take less than can be measured.
    expect(kept?.latencyP99Ms).toBeLessThan(20)
    await serveModel(store, first)
    await expect(run({ ...record, model: first.id })).rejects.toMatchObject({ code: 'IS_CHAMPION' })
    const second = await trainOn(6 * DAY)
    await run({ ...record, model: second.id })
    expect((await store.modelEvaluations([second.id])).get(second.id)).toMatchObject({
      championId: first.id,
      report: { models: [{ name: first.id }, { name: second.id }] },
    })
    for (const split of [
      { kind: 'leave-one-out' },
      { kind: 'given', file: await later(), format: 'csv' },
    ] as const) {
      await expect(run({ ...record, split, model: second.id })).rejects.toMatchObject({
        code: 'NOT_TEMPORAL',
      })
    }
    await run({ ...record, cutoffs: [3], model: second.id })
    expect(printed.err).toContain('Missing for EVALUATED: its evaluation has no ndcg@10 with an interval.')
  })

  async function later(): Promise<string> {
    const file = join(folder, 'later.csv')
    writeFileSync(file, 'userId,itemId,type\nu0,folk7,PLAY\nu0,jazz1,SKIP\n')
    return file
  }
})

test.each([
  [
    { model: 'ease-v9' },
    'UNKNOWN_MODEL',
    /there is no model ease-v9: name what to train \(popular, ease, ials, item-knn/,
  ],
  [{ split: { kind: 'temporal', cutoff: 99 * DAY } }, 'NO_SUCH_SPLIT', /nothing is as new as/],
] as const)('refuses %j', async (command, code, message) => {
  await expect(run(command)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})

test('refuses an empty datastore, and a test file of strangers', async () => {
  const file = join(folder, 'strangers.txt')
  writeFileSync(file, 'stranger folk1\n')
  await expect(run({ split: { kind: 'given', file, format: 'lists' } })).rejects.toMatchObject({
    code: 'NO_USERS',
  })
  const empty = await openPersonalizationStore('sqlite::memory:')
  context = { ...context, store: empty }
  await expect(run()).rejects.toMatchObject({ code: 'NO_INTERACTIONS' })
  await empty.close()
})

describe('compare', () => {
  test('measures both on the same users, with differences as their own evaluations have them', async () => {
    const [popular, knn] = [await run({ model: 'popular' }), await run()]
    printed = { out: '', err: '' }
    await evaluate({ name: 'compare', models: ['popular', 'item-knn'], ...PROTOCOL }, context)
    const { metrics, models, test: method } = JSON.parse(printed.out)
    expect(models.map(({ name }: { name: string }) => name)).toEqual(['popular', 'item-knn'])
    expect(method.method).toContain('sign-flip')
    const recall = metrics.find(({ name }: { name: string }) => name === 'recall@3')
    expect(recall.values[0].value).toBe(metric(popular, 'recall@3').value)
    expect(recall.values[1].value).toBe(metric(knn, 'recall@3').value)
    expect(recall.difference.value).toBeCloseTo(recall.values[1].value - recall.values[0].value, 12)
    expect(recall.difference.lower).toBeGreaterThan(0)
    expect(recall.pValue).toBeLessThan(0.05)
    const coverage = metrics.find(({ name }: { name: string }) => name === 'coverage@3')
    expect(coverage).toMatchObject({ pValue: null, difference: { lower: null, upper: null } })
  })

  test('a model does not differ from itself', async () => {
    await evaluate({ name: 'compare', models: ['item-knn', 'item-knn'], ...PROTOCOL, json: false }, context)
    expect(printed.out).toMatch(/^recall@3 +(\d\.\d{4}) +\1 +0\.0000 +0\.0000 to 0\.0000 +1\.0000$/m)
  })
})
