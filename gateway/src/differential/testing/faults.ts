import { defaultFieldResolver, type GraphQLFieldResolver } from 'graphql'
import type { GraphData, TestGraph } from './graphs/graph.ts'

/** The data that an execution reads, and what goes wrong with it. */
export type World = { readonly data: GraphData; readonly faults: Faults | null }

/** The same as resolvers see it, who may have to know whether federation brings them arguments. */
export type ExecutedWorld = World & { readonly merged: boolean }

export type Fault = 'throw' | 'null'

/** Decides what goes wrong: always the same for the same field of the same object. */
export type Faults = {
  ofField(field: string, object: unknown): Fault | null
}

/** Resolves a field from the data, or fails as the faults of the world say. */
export const resolveWithFaults: GraphQLFieldResolver<unknown, ExecutedWorld> = (
  source,
  args,
  world,
  info,
) => {
  const fault = world.faults?.ofField(info.fieldName, source) ?? null
  if (fault === 'throw') throw new Error(`no ${info.fieldName} today`)
  return fault === 'null' ? null : defaultFieldResolver(source, args, world, info)
}

/** Faults in about this share of the fields that `mayFail` lets fail. */
export function createFaults(options: {
  readonly seed: number
  readonly share: number
  mayFail(field: string, object: unknown): boolean
}): Faults {
  const { seed, share, mayFail } = options
  return {
    ofField(field, object) {
      if (!mayFail(field, object)) return null
      const draw = hash(`${seed} ${field} ${identityOf(object)}`) / 2 ** 32
      if (draw >= share) return null
      return draw < share / 2 ? 'throw' : 'null'
    },
  }
}

/** What `@key`, `@requires`, `@provides` and `@fromContext` name. */
export function fieldsForPlans({ subgraphs }: TestGraph): ReadonlySet<string> {
  const selections =
    Object.values(subgraphs)
      .join('\n')
      .match(/fields?: "[^"]*"/g) ?? []
  return new Set(selections.join(' ').match(/\w+/g))
}

/** The same text for an entity however it was reached. Value objects of a field fail together. */
function identityOf(object: unknown): string {
  if (typeof object !== 'object' || object === null) return ''
  return ['id', 'code', 'number', 'sku'].map((key) => String(Reflect.get(object, key) ?? '')).join(' ')
}

/** FNV-1a. */
export function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  }
  // The last characters would otherwise decide only the low bits.
  value = Math.imul(value ^ (value >>> 15), 0x85ebca6b)
  return (value ^ (value >>> 13)) >>> 0
}
