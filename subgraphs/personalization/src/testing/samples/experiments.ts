import type { AssignmentSnapshot, JsonObject, SnapshotExperiment } from '@bulkhead/contracts'

export function sampleExperiment(
  key: string,
  overrides: Partial<SnapshotExperiment> = {},
): SnapshotExperiment {
  return {
    key,
    version: 3,
    status: 'RUNNING',
    unitType: 'userId',
    seed: key,
    hashVersion: 2,
    surfaces: [],
    layer: null,
    coverage: 1,
    condition: null,
    forced: {},
    trigger: 'SERVE',
    variants: [
      { key: 'control', weight: 0.5, payload: null },
      { key: 'treatment', weight: 0.5, payload: { exploration: { epsilon: 0.5 } } },
    ],
    ...overrides,
  }
}

/** An experiment whose only variant sets `payload`. */
export function sampleTreatment(key: string, payload: JsonObject | null): SnapshotExperiment {
  return sampleExperiment(key, { variants: [{ key: 'treatment', weight: 1, payload }] })
}

export function sampleSnapshot(...experiments: SnapshotExperiment[]): AssignmentSnapshot {
  return {
    version: 12,
    publishedAt: '2026-01-15T12:00:00.000Z',
    layers: [],
    holdouts: [],
    experiments,
    decisions: [],
    keyId: 'tests',
    signature: '',
  }
}
