import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MODEL_STAGES, type ModelVersion } from '../../domain/model-version.ts'
import { openPersonalizationStore } from '../open.ts'
import type { ModelVersionPosition, PersonalizationStore } from '../port.ts'
import { byCodePoint, NOON, sampleVersion } from './samples.ts'

const ARTEFACT = new TextEncoder().encode('artefact')
const MEBIBYTE = 1024 * 1024

export function describeModels(urlOf: (database: string) => string): void {
  describe('model registry', () => {
    let store: PersonalizationStore
    beforeAll(async () => {
      store = await openPersonalizationStore(urlOf('models'))
    })
    afterAll(() => store.close())

    const inProduction = async (model: string): Promise<readonly string[]> => {
      const query = { filter: { model, stages: ['PRODUCTION'] as const }, limit: 10, after: null }
      return (await store.findModelVersions(query)).versions.map(({ id }) => id)
    }

    test('a version and its artefact come back as they were', async () => {
      const version = sampleVersion('shape-v1')
      expect(await store.saveModelVersion(version, ARTEFACT)).toBe('saved')
      expect(await store.modelVersionsByIds(['shape-v1', 'none'])).toEqual([version])
      expect(await store.modelArtefact('shape-v1')).toEqual(ARTEFACT)
      expect(await store.modelArtefact('none')).toBeNull()
    })

    test.each([
      ['empty', 0],
      ['of exactly one mebibyte', MEBIBYTE],
      ['of several chunks', 9 * MEBIBYTE + 17],
    ])('an artefact that is %s comes back byte by byte', async (name, size) => {
      const artefact = new Uint8Array(size)
      for (let index = 0; index < size; index++) artefact[index] = (index * 31 + (index >> 12)) & 0xff
      await store.saveModelVersion(sampleVersion(`artefact-${name}`), artefact)
      const read = await store.modelArtefact(`artefact-${name}`)
      expect(read?.length).toBe(size)
      expect(sha256(read ?? expect.unreachable())).toBe(sha256(artefact))
    })

    test('a taken id is refused and what is there stays', async () => {
      await store.saveModelVersion(sampleVersion('taken-v1'), ARTEFACT)
      const other = sampleVersion('taken-v1', { owner: 'eve' })
      expect(await store.saveModelVersion(other, new Uint8Array(3))).toBe('exists')
      expect(await store.modelVersionsByIds(['taken-v1'])).toEqual([sampleVersion('taken-v1')])
      expect(await store.modelArtefact('taken-v1')).toEqual(ARTEFACT)
    })

    test('of two that save one id at once, one has saved it and its artefact', async () => {
      const artefacts = [new Uint8Array([1]), new Uint8Array([2])]
      const results = await Promise.all(
        artefacts.map((artefact, index) =>
          store.saveModelVersion(sampleVersion('race-v1', { owner: `owner-${index}` }), artefact),
        ),
      )
      expect(results.toSorted()).toEqual(['exists', 'saved'])
      const winner = results.indexOf('saved')
      expect((await store.modelVersionsByIds(['race-v1']))[0]?.owner).toBe(`owner-${winner}`)
      expect(await store.modelArtefact('race-v1')).toEqual(artefacts[winner])
    })

    test('a version that enters PRODUCTION retires the one before, of its own model alone', async () => {
      const first = production('retire-v1', 'retire', NOON)
      const bystander = production('bystander-v1', 'bystander', NOON)
      await store.saveModelVersion(first, ARTEFACT)
      await store.saveModelVersion(bystander, ARTEFACT)
      await store.saveModelVersion(production('retire-v2', 'retire', NOON + 5), ARTEFACT)
      const [retired] = await store.modelVersionsByIds(['retire-v1'])
      expect(retired).toEqual({
        ...first,
        stage: 'RETIRED',
        stageHistory: [
          ...first.stageHistory,
          {
            from: 'PRODUCTION',
            to: 'RETIRED',
            at: NOON + 5,
            by: 'ada',
            reason: 'retire-v2 entered PRODUCTION',
          },
        ],
      })
      expect(await inProduction('retire')).toEqual(['retire-v2'])
      expect(await store.modelVersionsByIds(['bystander-v1'])).toEqual([bystander])
    })

    test('a refused version retires nothing', async () => {
      await store.saveModelVersion(sampleVersion('refused-v1', { model: 'refused' }), ARTEFACT)
      await store.saveModelVersion(production('refused-v2', 'refused', NOON), ARTEFACT)
      expect(await store.saveModelVersion(production('refused-v1', 'refused', NOON), ARTEFACT)).toBe('exists')
      expect(await inProduction('refused')).toEqual(['refused-v2'])
    })

    test('of many that enter PRODUCTION at once, in two stores, one stays there', async () => {
      const other = await openPersonalizationStore(urlOf('models'))
      const results = await Promise.all(
        Array.from({ length: 6 }, (_, index) => {
          const version = production(`crowd-v${index}`, 'crowd', NOON + index)
          return (index % 2 === 0 ? store : other).saveModelVersion(version, ARTEFACT)
        }),
      )
      expect(results).toEqual(Array.from({ length: 6 }, () => 'saved'))
      expect(await inProduction('crowd')).toHaveLength(1)
      expect(await store.countModelVersions({ model: 'crowd', stages: ['RETIRED'] })).toBe(5)
      await other.close()
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
              sampleVersion(`${model}-v${index}`, { model, ...field }),
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

function production(id: string, model: string, at: number): ModelVersion {
  const change = { from: null, to: 'PRODUCTION', at, by: 'ada', reason: 'demo' } as const
  return sampleVersion(id, { model, stage: 'PRODUCTION', createdAt: at, stageHistory: [change] })
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
