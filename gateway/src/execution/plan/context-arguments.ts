import type { FetchDataKeyRenamer } from '@apollo/query-planner'
import type { GraphQLSchema } from 'graphql'
import { getOwn, isJsonObject, type JsonObject } from '../response/own.ts'
import { compilePath, objectsAt, type PathStep } from '../response/response-path.ts'

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

/** An object with those it is part of, the root first. */
export type Lineage = { readonly object: JsonObject; readonly ancestors: readonly JsonObject[] }

/** `objectsAt` with the objects on the way. */
export function lineagesAt(root: unknown, path: readonly PathStep[]): Lineage[] {
  const lineages: Lineage[] = []
  function walk(value: unknown, depth: number, ancestors: readonly JsonObject[]): void {
    if (Array.isArray(value)) {
      for (const element of value) walk(element, depth, ancestors)
      return
    }
    if (!isJsonObject(value)) return
    const step = path[depth]
    if (step === undefined) lineages.push({ object: value, ancestors })
    else if (step.type === 'field') walk(getOwn(value, step.key), depth + 1, [...ancestors, value])
    else if (typeof value.__typename !== 'string' || step.applies(value.__typename)) {
      walk(value, depth + 1, ancestors)
    }
  }
  walk(root, 0, [])
  return lineages
}

/** The values of a fetch's context arguments for one object. */
export function readContext(arguments_: readonly ContextArgument[], lineage: Lineage): JsonObject {
  const values: JsonObject = {}
  for (const { variable, sources } of arguments_) {
    for (const { up, down, key } of sources) {
      const ancestor = up === 0 ? lineage.object : lineage.ancestors.at(-up)
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
