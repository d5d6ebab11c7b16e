import { describe, expect, test } from 'vitest'
import { nextEntry, targetingSubject } from '../../domain/audit/entry.ts'
import type { TargetingDefinition } from '../../domain/targeting/definitions.ts'
import { storeExperiments } from '../../testing/sample-changes.ts'
import { sampleGroup, sampleHoldout, sampleLayer } from '../../testing/sample-targeting.ts'
import { MONDAY, sampleExperiment } from '../../testing/samples.ts'
import type { ChangeBatch } from '../port.ts'
import type { ConformanceContext } from './conformance-context.ts'

export function describeTargeting({ store, datastore }: ConformanceContext): void {
  const layer: TargetingDefinition = { kind: 'layer', value: sampleLayer() }
  const holdout: TargetingDefinition = { kind: 'holdout', value: sampleHoldout({ layers: ['ranking'] }) }
  const group: TargetingDefinition = {
    kind: 'savedGroup',
    // A key of its kind, although a layer has it too, and values that a driver could mistake for something else.
    value: sampleGroup({ key: 'ranking', values: ['$in', 'a.b', '__proto__', '🎧', 1e-7, -0.5] }),
  }

  /** @param expectedVersion of the first; the others are new */
  async function batch(
    definitions: readonly TargetingDefinition[],
    expectedVersion = 0,
  ): Promise<ChangeBatch> {
    const expected = await store().changeHead()
    const [first] = definitions
    if (first === undefined) throw new Error('a batch has a definition')
    const { kind, value } = first
    const entry = nextEntry(expected, {
      at: MONDAY,
      by: 'ana',
      action: 'test',
      reason: 'r',
      subject: targetingSubject(kind, value.key),
      before: null,
      after: value,
    })
    return {
      expected,
      entries: [entry],
      experiments: [],
      metrics: [],
      definitions: definitions.map((definition, index) => ({
        definition,
        expectedVersion: index === 0 ? expectedVersion : 0,
      })),
      snapshot: null,
    }
  }

  describe('layers, holdouts and saved groups', () => {
    test('come back as they were stored, by kind and key, in one round trip', async () => {
      expect(await store().targetingDefinitions()).toEqual([])
      const another: TargetingDefinition = { kind: 'layer', value: sampleLayer({ key: 'ads' }) }
      expect(await store().commit(await batch([group, layer, holdout, another]))).toBe('committed')
      const before = datastore().roundTrips()
      const found = await store().targetingDefinitions()
      expect(datastore().roundTrips() - before).toBe(1)
      expect(JSON.stringify(found)).toBe(JSON.stringify([holdout, another, layer, group]))
      expect(await store().targetingDefinitions(['savedGroup', 'holdout'])).toEqual([holdout, group])
      expect(await store().targetingDefinitions([])).toEqual([])
    })

    test('are replaced by their next version', async () => {
      await store().commit(await batch([group, layer]))
      const next: TargetingDefinition = {
        kind: 'savedGroup',
        value: sampleGroup({ key: 'ranking', version: 2, values: [] }),
      }
      expect(await store().commit(await batch([next], 1))).toBe('committed')
      expect(await store().targetingDefinitions()).toEqual([layer, next])
    })

    test.each([
      ['the key is taken', 0],
      ['another version is stored', 2],
    ])('are a conflict and store nothing where %s', async (_, expectedVersion) => {
      await store().commit(await batch([group]))
      const head = await store().changeHead()
      const next: TargetingDefinition = {
        kind: 'savedGroup',
        value: sampleGroup({ key: 'ranking', version: 3, values: [] }),
      }
      expect(await store().commit(await batch([next, layer], expectedVersion))).toBe('conflict')
      expect(await store().changeHead()).toEqual(head)
      expect(await store().targetingDefinitions()).toEqual([group])
    })
  })

  describe('experiments of a layer', () => {
    const at = (key: string) => ({ layer: { key, from: 0, to: 0.5 } })

    test('keep their targeting, and are found by the layer', async () => {
      const targeted = sampleExperiment({
        key: 'a',
        status: 'RUNNING',
        ...at('ranking'),
        condition: JSON.parse('{"$or":[{"a.b":{"$regex":"^x"}}],"__proto__":{"$in":[1]}}'),
        forced: [{ unit: '__proto__', variantKey: 'control' }],
        prerequisites: [{ experimentKey: 'b', variantKeys: null }],
      })
      await storeExperiments(store(), [
        targeted,
        sampleExperiment({ key: 'b', status: 'RUNNING', ...at('ads') }),
        sampleExperiment({ key: 'c', status: 'RUNNING' }),
        sampleExperiment({ key: 'd', ...at('ranking') }),
      ])
      const [found] = await store().experimentsByKeys(['a'])
      expect(JSON.stringify(found)).toBe(JSON.stringify(targeted))
      const keys = async (layers?: readonly string[]) =>
        (await store().assigningExperiments(layers)).map(({ key }) => key)
      expect(await keys()).toEqual(['a', 'b', 'c'])
      expect(await keys(['ranking', 'none'])).toEqual(['a'])
      expect(await keys(['ranking', 'ads'])).toEqual(['a', 'b'])
      expect(await keys([])).toEqual([])

      const orderBy = { field: 'KEY', direction: 'ASC' } as const
      const filter = { layer: 'ranking' }
      const page = await store().findExperiments({ filter, orderBy, limit: 1, after: null })
      expect(page).toMatchObject({ experiments: [{ key: 'a' }], hasMore: true })
      expect(await store().countExperiments(filter)).toBe(2)
    })
  })
}
