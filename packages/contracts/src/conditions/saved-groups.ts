import { isPlainObject, type JsonValue } from '../json.ts'

/**
 * The lists that conditions name, by key: a list of values, or one of GrowthBook's entries. A snapshot has lists only.
 */
export type SavedGroups = { readonly [key: string]: SavedGroup }
export type SavedGroup =
  | readonly (string | number)[]
  | { readonly type: 'list'; readonly attributeKey: string; readonly values: readonly (string | number)[] }
  | { readonly type: 'condition'; readonly condition: JsonValue }

const sets = new WeakMap<readonly unknown[], ReadonlySet<unknown>>()

/** The members of a list as a set, made once per list: do not change one that was passed in. */
export function setOf(list: readonly unknown[]): ReadonlySet<unknown> {
  const known = sets.get(list)
  if (known !== undefined) return known
  const set = new Set(list)
  sets.set(list, set)
  return set
}

/** The entry under a key, as it came; undefined where there is none. */
export function savedGroup(groups: SavedGroups, key: unknown): unknown {
  const name = String(key)
  return Object.hasOwn(groups, name) ? groups[name] : undefined
}

/**
 * The values that `$inGroup` and `$notInGroup` look in. A group that does not exist is empty; one that is not a list of
 * values has none (null), and then neither operator matches.
 */
export function savedGroupValues(groups: SavedGroups, key: unknown): ReadonlySet<unknown> | null {
  const group = savedGroup(groups, key)
  if (group === undefined) return EMPTY
  if (Array.isArray(group)) return setOf(group)
  if (isPlainObject(group) && group.type === 'list' && Array.isArray(group.values)) return setOf(group.values)
  return null
}

const EMPTY: ReadonlySet<unknown> = new Set()
