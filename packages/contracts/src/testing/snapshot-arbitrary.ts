import fc from 'fast-check'
import type { SnapshotExperiment, UnsignedSnapshot } from '../assignment/assignment-snapshot.ts'
import type { Holdout } from '../assignment/holdout.ts'
import type { JsonObject } from '../json.ts'
import { EXPOSURE_TRIGGERS, SNAPSHOT_STATUSES } from '../primitives.ts'

/** Units as callers name them: plain ids, any well-formed Unicode, emoji, and names that objects already have. */
export const unitArbitrary: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.nat(999_999).map((number) => `u${number}`) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }) },
  { weight: 1, arbitrary: fc.uuid() },
  {
    weight: 1,
    arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', 'é', 'e\u0301', '用户', '👩‍👩‍👧'),
  },
)

const keyArbitrary: fc.Arbitrary<string> = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,15}$/)

/** A share of 1, often on the borders that buckets and layer positions can hit exactly. */
export const shareArbitrary: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, 1),
  fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000),
  fc.integer({ min: 0, max: 10_000 }).map((steps) => steps / 10_000),
  fc.double({ min: 0, max: 1, noNaN: true }),
)

/** Two to six weights that sum to 1, but for rounding; some of them 0. */
const weightsArbitrary: fc.Arbitrary<number[]> = fc
  .oneof(
    fc.integer({ min: 2, max: 6 }).map((count) => new Array<number>(count).fill(1)),
    fc.array(fc.nat(20), { minLength: 2, maxLength: 6 }),
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 6 }),
  )
  .filter((parts) => sum(parts) > 1e-3)
  .map((parts) => parts.map((part) => part / sum(parts)))

const layerKeyArbitrary = fc.constantFrom('main', 'search')

const layerArbitrary: fc.Arbitrary<SnapshotExperiment['layer']> = fc
  .record({
    key: fc.oneof(keyArbitrary, layerKeyArbitrary),
    bounds: fc.tuple(shareArbitrary, shareArbitrary).filter(([a, b]) => a !== b),
    version: fc.constantFrom({}, { hashVersion: 1 }, { hashVersion: 2 }, { hashVersion: 2 }),
  })
  .map(({ key, bounds, version }) => ({
    key,
    from: Math.min(...bounds),
    to: Math.max(...bounds),
    ...version,
  }))

const payloadArbitrary: fc.Arbitrary<JsonObject | null> = fc.option(
  fc.oneof(
    fc.record({ modelVersionId: keyArbitrary }),
    fc.record({ diversity: fc.record({ maxPerCreator: fc.integer({ min: 1, max: 500 }) }) }),
    fc.record({
      exploration: fc.record({ epsilon: shareArbitrary }),
      sources: fc.constant([{ name: 'popular', weight: 1 }]),
    }),
  ),
)

/** Experiments that the evaluator supports, in every status that a snapshot lists. */
export const experimentArbitrary: fc.Arbitrary<SnapshotExperiment> = weightsArbitrary.chain((weights) =>
  fc.record({
    key: keyArbitrary,
    version: fc.integer({ min: 1, max: 99 }),
    // Those that enrol twice as often: a paused experiment tells little.
    status: fc.constantFrom<string>(...SNAPSHOT_STATUSES, 'RUNNING', 'STOPPED'),
    unitType: fc.constant('userId'),
    seed: fc.oneof(keyArbitrary, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })),
    hashVersion: fc.constant(2),
    surfaces: fc.uniqueArray(fc.constantFrom('home', 'search', 'player'), { maxLength: 2 }),
    layer: fc.option(layerArbitrary),
    coverage: shareArbitrary,
    condition: fc.constant(null),
    forced: fc
      .array(fc.tuple(unitArbitrary, fc.nat(weights.length - 1)), { maxLength: 3 })
      .map((entries) => Object.fromEntries(entries.map(([unit, variant]) => [unit, variantKey(variant)]))),
    trigger: fc.constantFrom<string>(...EXPOSURE_TRIGGERS),
    variants: fc.tuple(...weights.map(() => payloadArbitrary)).map((payloads) =>
      weights.map((weight, index) => ({
        key: variantKey(index),
        weight,
        payload: payloads[index] ?? null,
      })),
    ),
  }),
)

export const holdoutArbitrary: fc.Arbitrary<Holdout> = fc.record({
  key: keyArbitrary,
  seed: keyArbitrary,
  share: shareArbitrary,
  unitType: fc.constant('userId'),
  layers: fc.uniqueArray(layerKeyArbitrary, { maxLength: 2 }),
})

export const snapshotArbitrary: fc.Arbitrary<UnsignedSnapshot> = fc.record({
  version: fc.integer({ min: 1 }),
  publishedAt: fc.constant('2025-01-01T00:00:00.000Z'),
  layers: fc.array(fc.record({ key: keyArbitrary }), { maxLength: 2 }),
  holdouts: fc.array(holdoutArbitrary, { maxLength: 2 }),
  experiments: fc.array(experimentArbitrary, { maxLength: 4 }),
  decisions: fc.constant([]),
})

export function variantKey(index: number): string {
  return `v${index}`
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
