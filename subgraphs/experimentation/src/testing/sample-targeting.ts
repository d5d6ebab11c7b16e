import type { Holdout, Layer, SavedGroup } from '../domain/targeting/definitions.ts'
import { MONDAY } from './samples.ts'

export function sampleLayer(overrides: Partial<Layer> = {}): Layer {
  return { key: 'ranking', name: 'Ranking', version: 1, createdBy: 'ana', createdAt: MONDAY, ...overrides }
}

export function sampleHoldout(overrides: Partial<Holdout> = {}): Holdout {
  return {
    key: 'global',
    name: 'Global',
    version: 1,
    share: 0.05,
    unitType: 'userId',
    layers: [],
    createdBy: 'ana',
    createdAt: MONDAY,
    ...overrides,
  }
}

export function sampleGroup(overrides: Partial<SavedGroup> = {}): SavedGroup {
  return {
    key: 'staff',
    name: 'Staff',
    version: 1,
    values: ['u1', 'u2'],
    createdBy: 'ana',
    createdAt: MONDAY,
    ...overrides,
  }
}
