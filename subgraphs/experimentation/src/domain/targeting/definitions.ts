/** A space of [0, 1) that experiments divide among themselves, so that no unit is in two of them. Never changes. */
export type Layer = {
  readonly key: string
  readonly name: string
  /** Always 1. */
  readonly version: number
  readonly createdBy: string
  /** Epoch milliseconds, like every time in the domain. */
  readonly createdAt: number
}

/**
 * A share of all units that is kept out of experiments. Never changes: what experiments do together is seen only on units
 * that were held out all the time.
 */
export type Holdout = {
  readonly key: string
  readonly name: string
  /** Always 1. */
  readonly version: number
  readonly share: number
  readonly unitType: string
  /** The layers whose experiments it covers; empty covers every experiment, in a layer or not. */
  readonly layers: readonly string[]
  readonly createdBy: string
  readonly createdAt: number
}

/** A list of values that conditions name. Earlier versions are in the audit log. */
export type SavedGroup = {
  readonly key: string
  readonly name: string
  readonly version: number
  readonly values: readonly (string | number)[]
  readonly createdBy: string
  readonly createdAt: number
}

/** What experiments share for their targeting. */
export type TargetingDefinition =
  | { readonly kind: 'layer'; readonly value: Layer }
  | { readonly kind: 'holdout'; readonly value: Holdout }
  | { readonly kind: 'savedGroup'; readonly value: SavedGroup }

export const TARGETING_KINDS = ['layer', 'holdout', 'savedGroup'] as const satisfies readonly TargetingKind[]
export type TargetingKind = TargetingDefinition['kind']

/** All of them, each by key. Few enough to be in memory. */
export type Targeting = {
  readonly layers: ReadonlyMap<string, Layer>
  readonly holdouts: ReadonlyMap<string, Holdout>
  readonly savedGroups: ReadonlyMap<string, SavedGroup>
}

export const NO_TARGETING: Targeting = { layers: new Map(), holdouts: new Map(), savedGroups: new Map() }

export function toTargeting(definitions: readonly TargetingDefinition[]): Targeting {
  return withDefinitions(NO_TARGETING, definitions)
}

/** With each definition in place of the one with its key. */
export function withDefinitions(
  targeting: Targeting,
  definitions: readonly TargetingDefinition[],
): Targeting {
  const layers = new Map(targeting.layers)
  const holdouts = new Map(targeting.holdouts)
  const savedGroups = new Map(targeting.savedGroups)
  for (const { kind, value } of definitions) {
    if (kind === 'layer') layers.set(value.key, value)
    else if (kind === 'holdout') holdouts.set(value.key, value)
    else savedGroups.set(value.key, value)
  }
  return { layers, holdouts, savedGroups }
}

const MAP_OF = { layer: 'layers', holdout: 'holdouts', savedGroup: 'savedGroups' } as const

export function findDefinition(
  targeting: Targeting,
  { kind, value: { key } }: TargetingDefinition,
): TargetingDefinition['value'] | undefined {
  return targeting[MAP_OF[kind]].get(key)
}
