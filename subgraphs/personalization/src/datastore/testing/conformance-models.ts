import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { MODEL_STAGES, type ModelStage } from '@bulkhead/contracts'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ModelVersion, StageChange } from '../../domain/model-version.ts'
import { sampleComparison, sampleEvaluation } from '../../testing/samples/evaluations.ts'
import { sampleModelVersion, sampleProductionVersion } from '../../testing/samples/models.ts'
import { sampleRefresh, sampleShipped } from '../../testing/samples/refreshes.ts'
import { NOON } from '../../testing/samples/time.ts'
import { saveServing, serveModel } from '../../testing/serving-model.ts'
import { openPersonalizationStore } from '../open.ts'
import type { ModelVersionPosition, PersonalizationStore } from '../port.ts'
import { byCodePoint, deliverAll } from './store-contents.ts'

const ARTEFACT = new TextEncoder().encode('artefact')
const BY_EVE = { at: NOON, by: 'eve', reason: 'promoted by hand' } as const
const MEBIBYTE = 1024 * 1024

export function describeModels(urlOf: (database: string) => string): void {
  describe('model registry', () => {
    let store: PersonalizationStore
    beforeAll(async () => {
      store = await openPersonalizationStore(urlOf('models'))
    })
    afterAll(() => store.close())

    async function inProduction(from = store): Promise<readonly string[]> {
      const query = { filter: { stages: ['PRODUCTION'] as const }, limit: 10, after: null }
      return (await from.findModelVersions(query)).versions.map(({ id }) => id)
    }

    test('a version and its artefact come back as they were', async () => {
      const version = sampleModelVersion('shape-v1')
      expect(await store.saveModelVersion(version, ARTEFACT)).toBe('saved')
      expect(await store.modelVersionsByIds(['shape-v1', 'none'])).toEqual([version])
      expect(await store.modelArtefact('shape-v1')).toEqual(ARTEFACT)
      expect(await store.modelArtefact('none')).toBeNull()
      const shipped = sampleShipped('shape-v2', { stage: 'RETIRED' })
      const refresh = sampleRefresh('shape-v3', shipped)
      for (const one of [shipped, refresh]) await store.saveModelVersion(one, ARTEFACT)
      expect(await store.modelVersionsByIds(['shape-v2'])).toEqual([shipped])
      expect(await store.modelVersionsByIds(['shape-v3'])).toEqual([refresh])
    })

    test.each([
      ['empty', 0],
      ['of exactly one mebibyte', MEBIBYTE],
      ['of several chunks', 9 * MEBIBYTE + 17],
    ])('an artefact that is %s comes back byte by byte', async (name, size) => {
      const artefact = new Uint8Array(size)
      for (let index = 0; index < size; index++) artefact[index] = (index * 31 + (index >> 12)) & 0xff
      await store.saveModelVersion(sampleModelVersion(`artefact-${name}`), artefact)
      const read = await store.modelArtefact(`artefact-${name}`)
      expect(read?.length).toBe(size)
      expect(sha256(read ?? expect.unreachable())).toBe(sha256(artefact))
    })

    test('each change of stage is an event in the outbox, durable with the change', async () => {
      await deliverAll(store, NOON + 1e12)
      await saveServing(store, sampleProductionVersion('told-v1'), ARTEFACT)
      await store.saveModelVersion(sampleModelVersion('told-v2'), ARTEFACT)
      await store.saveModelVersion(sampleModelVersion('told-v2'), ARTEFACT)
      await serveModel(store, { id: 'told-v2' })
      const { token, entries } = await store.claimOutbox({ now: NOON + 1e12, leaseMs: 1_000, limit: 100 })
      const told = entries
        .flatMap(({ events }) => events)
        .map((event) =>
          event.kind === 'modelStageChanged'
            ? [event.modelVersionId, event.change, event.to].join(' ')
            : event,
        )
        .filter((line) => typeof line !== 'string' || line.startsWith('told-'))
      expect(told.toSorted()).toEqual([
        'told-v1 1 REGISTERED',
        'told-v1 2 PRODUCTION',
        'told-v1 3 RETIRED',
        'told-v2 1 REGISTERED',
        'told-v2 2 PRODUCTION',
      ])
      await store.completeOutbox(
        token,
        entries.map(({ id }) => id),
      )
      expect(await store.outboxState()).toEqual({ size: 0, oldest: null })
    })

    test('moves happen together, with their events, or not at all', async () => {
      const own = await openPersonalizationStore(urlOf('moves'))
      const moveOf = (
        versionId: string,
        from: ModelStage,
        to: ModelStage,
        more: Partial<StageChange> = {},
      ) => ({
        versionId,
        from,
        change: { from, to, ...BY_EVE, ...more },
      })
      await own.saveModelVersion(sampleModelVersion('one-v1'), ARTEFACT)
      await own.saveModelVersion(sampleModelVersion('two-v1'), ARTEFACT)
      const evidence = { kind: 'EVALUATION', hash: 'e1' } as const
      const evaluated = [moveOf('one-v1', 'REGISTERED', 'EVALUATED', { evidence })]
      expect(await own.moveModelVersions({ expectedProduction: null, moves: evaluated })).toBe('moved')
      expect(await own.moveModelVersions({ expectedProduction: null, moves: evaluated })).toBe('conflict')
      const [one] = await own.modelVersionsByIds(['one-v1'])
      expect([one?.stage, one?.stageHistory.at(-1)]).toEqual(['EVALUATED', evaluated[0]?.change])
      const first = [moveOf('one-v1', 'EVALUATED', 'PRODUCTION')]
      expect(await own.moveModelVersions({ expectedProduction: 'two-v1', moves: first })).toBe('conflict')
      expect(await own.moveModelVersions({ expectedProduction: null, moves: first })).toBe('moved')
      await deliverAll(own, NOON + 1e12)
      // The second of two moves is impossible, so neither happens.
      const replaced = moveOf('one-v1', 'PRODUCTION', 'RETIRED', { successorId: 'two-v1' })
      const wrong = [replaced, moveOf('two-v1', 'EXPERIMENT', 'PRODUCTION')]
      expect(await own.moveModelVersions({ expectedProduction: 'one-v1', moves: wrong })).toBe('conflict')
      expect(await inProduction(own)).toEqual(['one-v1'])
      expect(await own.outboxState()).toMatchObject({ size: 0 })
      const right = [replaced, moveOf('two-v1', 'REGISTERED', 'PRODUCTION')]
      expect(await own.moveModelVersions({ expectedProduction: 'one-v1', moves: right })).toBe('moved')
      expect(await inProduction(own)).toEqual(['two-v1'])
      const [retired] = await own.modelVersionsByIds(['one-v1'])
      expect(retired?.stageHistory.at(-1)).toEqual(replaced.change)
      const events = (await deliverAll(own, NOON + 2e12)).flatMap(({ events }) => events)
      expect(events).toMatchObject([
        { modelVersionId: 'one-v1', to: 'RETIRED' },
        { modelVersionId: 'two-v1', to: 'PRODUCTION' },
      ])
      const former = async () => (await own.formerProductionVersions(9)).map(({ id }) => id)
      expect(await former()).toEqual(['one-v1'])
      const rollback = { kind: 'ROLLBACK', hash: null } as const
      const rolledBack = [
        moveOf('two-v1', 'PRODUCTION', 'RETIRED', { evidence: rollback }),
        moveOf('one-v1', 'RETIRED', 'PRODUCTION', { evidence: rollback }),
      ]
      expect(await own.moveModelVersions({ expectedProduction: 'two-v1', moves: rolledBack })).toBe('moved')
      // What was rolled back never stands in.
      expect(await former()).toEqual([])
      const again = [replaced, moveOf('two-v1', 'RETIRED', 'PRODUCTION')]
      expect(await own.moveModelVersions({ expectedProduction: 'one-v1', moves: again })).toBe('moved')
      expect(await own.expireArtefact({ before: NOON + 9, keep: [] })).toBe(true)
      const back = [moveOf('two-v1', 'PRODUCTION', 'RETIRED'), moveOf('one-v1', 'RETIRED', 'PRODUCTION')]
      expect(await own.moveModelVersions({ expectedProduction: 'two-v1', moves: back })).toBe('no-artefact')
      expect(await inProduction(own)).toEqual(['two-v1'])
      await own.close()
    })

    test('of many that enter PRODUCTION at once by moves, one does', async () => {
      const url = urlOf('moving-crowd')
      const stores = await Promise.all([openPersonalizationStore(url), openPersonalizationStore(url)])
      const [one] = stores
      const ids = Array.from({ length: 8 }, (_, index) => `mover-${index}-v1`)
      for (const id of ids) await one.saveModelVersion(sampleModelVersion(id, { model: id }), ARTEFACT)
      const change = { from: 'REGISTERED', to: 'PRODUCTION', ...BY_EVE } as const
      const results = await Promise.all(
        ids.map((versionId, index) =>
          (stores[index % 2] ?? one).moveModelVersions({
            expectedProduction: null,
            moves: [{ versionId, from: 'REGISTERED', change }],
          }),
        ),
      )
      expect(results.filter((result) => result === 'moved')).toHaveLength(1)
      expect(await inProduction(one)).toEqual([ids[results.indexOf('moved')]])
      for (const store of stores) await store.close()
    })

    test('the newest evaluation of a version comes back as it was, and each is kept once', async () => {
      const old = sampleEvaluation({ hash: '1'.repeat(64), createdAt: NOON - 1 })
      const newest = sampleEvaluation({ championId: 'champion-v1', report: sampleComparison(null) })
      await store.addModelEvaluation('judged-v1', newest)
      await store.addModelEvaluation('judged-v1', old)
      await store.addModelEvaluation('judged-v1', { ...newest, createdAt: NOON - 9 })
      await store.addModelEvaluation('other-v1', old)
      // Made again: the same report, but a list took another time.
      const again = { ...newest, createdAt: NOON + 1, latencyP99Ms: 3 }
      await store.addModelEvaluation('again-v1', newest)
      await store.addModelEvaluation('again-v1', again)
      expect((await store.modelEvaluations(['again-v1'])).get('again-v1')).toEqual(again)
      const found = await store.modelEvaluations(['judged-v1', 'other-v1', 'none'])
      expect([...found]).toEqual(
        expect.arrayContaining([
          ['judged-v1', newest],
          ['other-v1', old],
        ]),
      )
      expect(found.size).toBe(2)
    })

    test('a taken id is refused and what is there stays', async () => {
      await store.saveModelVersion(sampleModelVersion('taken-v1'), ARTEFACT)
      const other = sampleModelVersion('taken-v1', { owner: 'eve' })
      expect(await store.saveModelVersion(other, new Uint8Array(3))).toBe('exists')
      expect(await store.modelVersionsByIds(['taken-v1'])).toEqual([sampleModelVersion('taken-v1')])
      expect(await store.modelArtefact('taken-v1')).toEqual(ARTEFACT)
    })

    test('of two that save one id at once, one has saved it and its artefact', async () => {
      const artefacts = [new Uint8Array([1]), new Uint8Array([2])]
      const results = await Promise.all(
        artefacts.map((artefact, index) =>
          store.saveModelVersion(sampleModelVersion('race-v1', { owner: `owner-${index}` }), artefact),
        ),
      )
      expect(results.toSorted()).toEqual(['exists', 'saved'])
      const winner = results.indexOf('saved')
      expect((await store.modelVersionsByIds(['race-v1']))[0]?.owner).toBe(`owner-${winner}`)
      expect(await store.modelArtefact('race-v1')).toEqual(artefacts[winner])
    })

    test.each([
      ['the same model', 'retire'],
      ['another model', 'other'],
    ])('a version that enters PRODUCTION retires the one before, which is of %s', async (_, model) => {
      const first = sampleProductionVersion(`${model}-v1`, { model: 'retire' })
      await saveServing(store, first, ARTEFACT)
      const successor = sampleProductionVersion(`${model}-v2`, { model, createdAt: NOON + 5 })
      await saveServing(store, successor, ARTEFACT)
      expect(await store.modelVersionsByIds([first.id])).toEqual([
        {
          ...first,
          stage: 'RETIRED',
          stageHistory: [...first.stageHistory, retirement(successor.id, NOON + 5)],
        },
      ])
      expect(await inProduction()).toEqual([successor.id])
      expect(await store.productionModelVersion()).toEqual(successor)
    })

    test('the last promotion counts, be it of an older version and in the same millisecond', async () => {
      const url = urlOf('promoted-again')
      const first = await openPersonalizationStore(url)
      expect(await first.productionModelVersion()).toBeNull()
      const older = sampleProductionVersion('older-v1', { model: 'older' })
      const newer = sampleProductionVersion('newer-v1', { model: 'newer' })
      await saveServing(first, older, ARTEFACT)
      await saveServing(first, newer, ARTEFACT)
      const promoted = {
        ...older,
        stageHistory: [
          ...older.stageHistory,
          retirement(newer.id, NOON),
          { from: 'RETIRED', to: 'PRODUCTION', ...BY_EVE },
        ],
      }
      expect(await serveModel(first, older, BY_EVE)).toEqual(promoted)
      await first.close()
      const reopened = await openPersonalizationStore(url)
      expect(await reopened.productionModelVersion()).toEqual(promoted)
      expect(await inProduction(reopened)).toEqual([older.id])
      const [retired] = await reopened.modelVersionsByIds([newer.id])
      const last = { ...retirement(older.id, NOON), by: 'eve' }
      expect(retired).toEqual({ ...newer, stage: 'RETIRED', stageHistory: [...newer.stageHistory, last] })
      await reopened.close()
    })

    test('a move of an unknown version changes nothing', async () => {
      const version = sampleProductionVersion('settled-v1', { model: 'settled' })
      await saveServing(store, version, ARTEFACT)
      const change = { from: 'REGISTERED', to: 'PRODUCTION', ...BY_EVE } as const
      const moves = [{ versionId: 'none', from: 'REGISTERED', change }] as const
      expect(await store.moveModelVersions({ expectedProduction: version.id, moves })).toBe('conflict')
      expect(await store.productionModelVersion()).toEqual(version)
    })

    test('no version is saved in PRODUCTION, where it gets by a move alone', async () => {
      const before = await inProduction()
      const version = sampleProductionVersion('past-v1', { model: 'past' })
      await expect(store.saveModelVersion(version, ARTEFACT)).rejects.toThrow(/cannot be saved in PRODUCTION/)
      expect([await inProduction(), await store.modelVersionsByIds(['past-v1'])]).toEqual([before, []])
    })

    test('of many promotions at once, in two stores, the last one counts, and there is no moment without one', async () => {
      const url = urlOf('crowd')
      const stores = await Promise.all([openPersonalizationStore(url), openPersonalizationStore(url)])
      const [one] = stores
      const ids = Array.from({ length: 8 }, (_, index) => `crowd-${index}-v1`)
      for (const id of ids) await one.saveModelVersion(sampleModelVersion(id, { model: id }), ARTEFACT)
      let settled = false
      const promotions = Promise.all(
        ids.map((id, index) => serveModel(stores[index % 2] ?? one, { id }, BY_EVE)),
      ).finally(() => {
        settled = true
      })
      let seen: ModelVersion | null = null
      while (!settled) {
        const now: ModelVersion | null = await one.productionModelVersion()
        if (seen !== null) expect(now).not.toBeNull()
        seen = now
        await nextTurn()
      }
      await promotions
      const versions = await one.modelVersionsByIds(ids)
      expect(successionOf(versions)).toHaveLength(ids.length)
      expect(await inProduction(one)).toEqual([successionOf(versions).at(-1)])
      for (const store of stores) await store.close()
    })

    test('the artefact of a version that was retired long ago expires, and it never serves again', async () => {
      const own = await openPersonalizationStore(urlOf('expiry'))
      const artefact = new Uint8Array([7])
      for (const [at, id] of ['first-v1', 'second-v1', 'third-v1', 'serving-v1'].entries()) {
        await own.saveModelVersion(sampleModelVersion(id), artefact)
        await serveModel(own, { id }, { ...BY_EVE, at: NOON + at })
      }
      // Retired at NOON + 1, 2 and 3.
      const query = { before: NOON + 3, keep: ['first-v1'] }
      expect(await own.expireArtefact(query)).toBe(true)
      expect(await own.expireArtefact(query)).toBe(false)
      const left = await Promise.all(
        ['first-v1', 'second-v1', 'third-v1', 'serving-v1'].map((id) => own.modelArtefact(id)),
      )
      expect(left).toEqual([artefact, null, artefact, artefact])
      await expect(serveModel(own, { id: 'second-v1' })).rejects.toThrow('has no artefact')
      expect((await own.productionModelVersion())?.id).toBe('serving-v1')
      expect(await own.modelVersionsByIds(['second-v1'])).toMatchObject([{ stage: 'RETIRED' }])
      await own.close()
    })

    test('versions that were in PRODUCTION are known in the order in which they left it, as long as they have an artefact', async () => {
      const own = await openPersonalizationStore(urlOf('former'))
      expect(await own.formerProductionVersions(9)).toEqual([])
      await own.saveModelVersion(sampleModelVersion('never-v1', { stage: 'RETIRED' }), ARTEFACT)
      for (const [at, id] of ['first-v1', 'second-v1', 'third-v1', 'fourth-v1'].entries()) {
        await own.saveModelVersion(sampleModelVersion(id), ARTEFACT)
        await serveModel(own, { id }, { ...BY_EVE, at: NOON + at })
      }
      const former = async (limit: number) => (await own.formerProductionVersions(limit)).map(({ id }) => id)
      expect(await former(9)).toEqual(['third-v1', 'second-v1', 'first-v1'])
      await serveModel(own, { id: 'first-v1' }, { ...BY_EVE, at: NOON + 9 })
      expect(await former(2)).toEqual(['fourth-v1', 'third-v1'])
      while (await own.expireArtefact({ before: NOON + 9, keep: ['second-v1'] }));
      expect(await former(9)).toEqual(['fourth-v1', 'second-v1'])
      expect((await own.formerProductionVersions(1))[0]).toMatchObject({ id: 'fourth-v1', stage: 'RETIRED' })
      await own.close()
    })

    test('walking the pages gives every version once, newest first, filtered by model and stage', async () => {
      let run = 0
      const versionsArbitrary = fc.array(
        fc.record({
          createdAt: fc.integer({ min: NOON, max: NOON + 3 }),
          stage: fc.constantFrom(...MODEL_STAGES.filter((stage) => stage !== 'PRODUCTION')),
        }),
        { maxLength: 6 },
      )
      const stagesArbitrary = fc.option(fc.subarray([...MODEL_STAGES]))
      await fc.assert(
        fc.asyncProperty(
          versionsArbitrary,
          stagesArbitrary,
          fc.integer({ min: 1, max: 4 }),
          async (fields, stages, limit) => {
            const model = `walk-${run++}`
            const versions = fields.map((field, index) =>
              sampleModelVersion(`${model}-v${index}`, { model, ...field }),
            )
            for (const version of versions) await store.saveModelVersion(version, ARTEFACT)
            const expected = versions
              .filter(({ stage }) => stages === null || stages.includes(stage))
              .toSorted((a, b) => b.createdAt - a.createdAt || byCodePoint(b.id, a.id))
            const filter = stages === null ? { model } : { model, stages }
            const walked: ModelVersion[] = []
            for (let after: ModelVersionPosition | null = null; ; ) {
              const page = await store.findModelVersions({ filter, limit, after })
              expect(await store.countModelVersions(filter)).toBe(expected.length)
              walked.push(...page.versions)
              if (!page.hasMore) break
              after = page.versions.at(-1) ?? null
            }
            expect(walked).toEqual(expected)
          },
        ),
        { numRuns: 10 },
      )
    })
  })
}

/** From the first that was promoted to the one that nobody has followed, as their histories tell without a clock. */
function successionOf(versions: readonly ModelVersion[]): readonly string[] {
  const successors = new Map(
    versions.map(({ id, stageHistory }) => {
      const last = stageHistory.at(-1)
      return [id, last?.to === 'RETIRED' ? last.reason.split(' ')[0] : undefined]
    }),
  )
  const followers = new Set(successors.values())
  const succession: string[] = []
  let next = versions.find(({ id }) => !followers.has(id))?.id
  while (next !== undefined && succession.length <= versions.length) {
    succession.push(next)
    next = successors.get(next)
  }
  return succession
}

function retirement(successor: string, at: number): StageChange {
  const reason = `${successor} entered PRODUCTION`
  return { from: 'PRODUCTION', to: 'RETIRED', at, by: 'ada', reason, successorId: successor }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
