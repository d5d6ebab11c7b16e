import { identifierSchema, isOnHashGrid } from '@bulkhead/contracts'
import { checkKey, checkName, type InputProblem, type InvalidInput } from '../input-problems.ts'
import type { Holdout, Layer, SavedGroup, Targeting } from './definitions.ts'

const MAX_LAYERS = 500
const MAX_HOLDOUTS = 50
const MAX_SAVED_GROUPS = 200
const MAX_GROUP_VALUES = 10_000
/** Upper bound on the JSON of all saved groups together: each replica holds them in memory, and a snapshot may need all. */
const MAX_GROUP_CHARACTERS = 4 * 1024 * 1024

export type LayerDraft = { readonly key: string; readonly name: string }
export type HoldoutDraft = LayerDraft & { readonly share: number; readonly layers: readonly string[] }
export type SavedGroupDraft = LayerDraft & { readonly values: readonly unknown[] }

type Creation = { readonly at: number; readonly by: string }
type Reading<T> = { readonly type: 'valid'; readonly value: T } | InvalidInput

export function validateLayer(draft: LayerDraft, { layers }: Targeting, creation: Creation): Reading<Layer> {
  const { key, name } = draft
  const problems = [...checkNames(draft), ...checkNew(key, layers, MAX_LAYERS, 'layers')]
  if (problems.length > 0) return { type: 'invalid-input', problems }
  return {
    type: 'valid',
    value: { key, name, version: 1, createdBy: creation.by, createdAt: creation.at },
  }
}

export function validateHoldout(
  draft: HoldoutDraft,
  { holdouts, layers }: Targeting,
  creation: Creation,
): Reading<Holdout> {
  const { key, name, share } = draft
  const problems = [
    ...checkNames(draft),
    ...checkNew(key, holdouts, MAX_HOLDOUTS, 'holdouts'),
    ...checkHeldOutShare(share),
    ...draft.layers.flatMap((layer, index): InputProblem[] => {
      const path = ['layers', String(index)]
      if (draft.layers.indexOf(layer) !== index) return [{ path, message: 'is listed twice' }]
      return layers.has(layer) ? [] : [{ path, message: 'names no layer: create it with createLayer' }]
    }),
  ]
  if (problems.length > 0) return { type: 'invalid-input', problems }
  return {
    type: 'valid',
    value: {
      key,
      name,
      version: 1,
      share,
      unitType: 'userId',
      layers: [...draft.layers].sort(),
      createdBy: creation.by,
      createdAt: creation.at,
    },
  }
}

/** The next version of a saved group, or its first. */
export function validateSavedGroup(
  draft: SavedGroupDraft,
  { savedGroups }: Targeting,
  creation: Creation,
): Reading<SavedGroup> {
  const { key, name } = draft
  const before = savedGroups.get(key)
  const values = draft.values.slice(0, MAX_GROUP_VALUES).filter(isGroupValue)
  const problems = checkNames(draft)
  if (before === undefined && savedGroups.size >= MAX_SAVED_GROUPS) {
    problems.push({ path: ['key'], message: `cannot be added: there are ${MAX_SAVED_GROUPS} saved groups` })
  }
  if (draft.values.length > MAX_GROUP_VALUES) {
    problems.push({ path: ['values'], message: `must not have more than ${MAX_GROUP_VALUES} entries` })
  } else if (values.length < draft.values.length) {
    const index = draft.values.findIndex((value) => !isGroupValue(value))
    const message = 'must be a number, or 1 to 256 characters of well-formed text'
    problems.push({ path: ['values', String(index)], message })
  } else if (new Set(values).size !== values.length) {
    problems.push({ path: ['values'], message: 'must not list a value twice' })
  } else {
    const others = [...savedGroups.values()].filter((group) => group.key !== key)
    const characters = [...others, { values }].reduce((sum, group) => sum + charactersOf(group), 0)
    if (characters > MAX_GROUP_CHARACTERS) {
      const message = `would make all saved groups together longer than ${MAX_GROUP_CHARACTERS} characters`
      problems.push({ path: ['values'], message })
    }
  }
  if (problems.length > 0) return { type: 'invalid-input', problems }
  return {
    type: 'valid',
    value: {
      key,
      name,
      version: (before?.version ?? 0) + 1,
      values,
      createdBy: creation.by,
      createdAt: creation.at,
    },
  }
}

function checkNames({ key, name }: LayerDraft): InputProblem[] {
  return [...checkKey(key, ['key']), ...checkName(name, ['name'])]
}

function checkNew(
  key: string,
  existing: ReadonlyMap<string, unknown>,
  limit: number,
  what: string,
): InputProblem[] {
  const path = ['key']
  if (existing.has(key)) return [{ path, message: `is the key of one of the ${what} already` }]
  return existing.size < limit ? [] : [{ path, message: `cannot be added: there are ${limit} ${what}` }]
}

function checkHeldOutShare(share: number): InputProblem[] {
  const path = ['share']
  if (!(share > 0 && share < 1)) return [{ path, message: 'must be above 0 and below 1' }]
  return isOnHashGrid(share, 2)
    ? []
    : [{ path, message: 'is finer than ten-thousandths, the steps in which units are held out' }]
}

function isGroupValue(value: unknown): value is string | number {
  if (typeof value === 'number') return Number.isFinite(value)
  return identifierSchema.safeParse(value).success
}

const lengths = new WeakMap<object, number>()

function charactersOf({ values }: Pick<SavedGroup, 'values'>): number {
  const known = lengths.get(values)
  if (known !== undefined) return known
  const { length } = JSON.stringify(values)
  lengths.set(values, length)
  return length
}
