import type { FetchDataKeyRenamer } from '@apollo/query-planner'
import type { GraphQLSchema } from 'graphql'
import { getOwn, type JsonObject } from '../response/own.ts'
import { compilePath, objectsAt, type PathStep, type Place } from '../response/response-path.ts'

/** A variable of a fetch whose value comes from an object further up in the response (`@fromContext`). */
export type ContextArgument = {
  readonly variable: string
  /** Where to look: so many objects up, then down a path. The first that is there counts. */
  readonly sources: readonly {
    readonly up: number
    readonly down: readonly PathStep[]
    readonly key: string
  }[]
}

const PARENT = '..'

export function compileContextArguments(
  rewrites: readonly FetchDataKeyRenamer[] | undefined,
  schema: GraphQLSchema,
): readonly ContextArgument[] {
  const sources = new Map<string, ContextArgument['sources'][number][]>()
  for (const { path, renameKeyTo } of rewrites ?? []) {
    const up = path.filter((step) => step === PARENT).length
    const down = path.filter((step) => step !== PARENT)
    const source = { up, down: compilePath(down.slice(0, -1), schema), key: down.at(-1) ?? '' }
    const known = sources.get(renameKeyTo)
    if (known) known.push(source)
    else sources.set(renameKeyTo, [source])
  }
  return [...sources].map(([variable, list]) => ({ variable, sources: list }))
}

/** The values of a fetch's context arguments for one object. */
export function readContext(arguments_: readonly ContextArgument[], place: Place): JsonObject {
  const values: JsonObject = {}
  for (const { variable, sources } of arguments_) {
    for (const { up, down, key } of sources) {
      const ancestor = up === 0 ? place.object : place.ancestors.at(-up)
      const [holder] = objectsAt(ancestor, down)
      const value = holder && getOwn(holder, key)
      if (value !== undefined) {
        values[variable] = value
        break
      }
    }
  }
  return values
}
