import type { GraphQLSchema } from 'graphql'
import { getOwn, isJsonObject, type JsonObject } from './own.ts'
import { createTypeCondition } from './type-conditions.ts'

/** Where a value stands in a response: keys of objects and indices of lists. */
export type Path = readonly (string | number)[]

/** One step down a response: into a field, or only past objects of certain types. Lists are walked through. */
export type PathStep =
  | { readonly type: 'field'; readonly key: string }
  | { readonly type: 'condition'; applies(typename: string): boolean }

const LIST = '@'
const FRAGMENT = '... on '
const TYPES = /^(?<key>[^|]*)\|\[(?<types>[^\]]*)\]$/
const TYPENAME = '__typename'

/**
 * Reads a path of the planner: `items`, `@` for the elements of a list, `items|[Book,Film]` or `@|[Book]` where only
 * objects of these types go on, `... on Book` in the path of a deferred part.
 */
export function compilePath(path: readonly (string | number)[], schema: GraphQLSchema): readonly PathStep[] {
  return path.flatMap((element): PathStep[] => {
    const text = String(element)
    const condition = typeConditionOf(text)
    if (condition !== undefined) {
      return [{ type: 'condition', applies: createTypeCondition(schema, condition) }]
    }
    const groups = TYPES.exec(text)?.groups
    const key = groups?.key ?? text
    const steps: PathStep[] = key === '' || key === LIST ? [] : [{ type: 'field', key }]
    if (groups) {
      const conditions = (groups.types ?? '').split(',').map((name) => createTypeCondition(schema, name))
      steps.push({
        type: 'condition',
        applies: (typename) => conditions.some((applies) => applies(typename)),
      })
    }
    return steps
  })
}

/** The type of a step such as `... on Book`; undefined for any other. */
export function typeConditionOf(step: string): string | undefined {
  return step.startsWith(FRAGMENT) ? step.slice(FRAGMENT.length) : undefined
}

/** The response keys of a path. */
export function keysOf(path: readonly PathStep[]): string[] {
  return path.flatMap((step) => (step.type === 'field' ? [step.key] : []))
}

/** The objects at a path, in the order of the response; an object that stands at several places is listed for each. */
export function objectsAt(root: unknown, path: readonly PathStep[]): JsonObject[] {
  const objects: JsonObject[] = []
  collect(root, path, 0, objects)
  return objects
}

function collect(value: unknown, path: readonly PathStep[], depth: number, into: JsonObject[]): void {
  if (Array.isArray(value)) {
    for (const element of value) collect(element, path, depth, into)
    return
  }
  if (!isJsonObject(value)) return
  const step = path[depth]
  if (step === undefined) into.push(value)
  else if (step.type === 'field') collect(getOwn(value, step.key), path, depth + 1, into)
  else if (passes(value, step)) collect(value, path, depth + 1, into)
}

function passes(object: JsonObject, step: PathStep & { type: 'condition' }): boolean {
  const typename = object[TYPENAME]
  return typeof typename !== 'string' || step.applies(typename)
}

/** An object with where it stands, and the objects that it is a part of, the root first. */
export type Place = {
  readonly object: JsonObject
  readonly path: Path
  readonly ancestors: readonly JsonObject[]
}

/** `objectsAt` with their places. It costs more, and only errors, deferred parts and context arguments need it. */
export function placesAt(root: unknown, path: readonly PathStep[]): Place[] {
  const places: Place[] = []
  function walk(value: unknown, depth: number, at: Path, ancestors: readonly JsonObject[]): void {
    if (Array.isArray(value)) {
      for (const [index, element] of value.entries()) walk(element, depth, [...at, index], ancestors)
      return
    }
    if (!isJsonObject(value)) return
    const step = path[depth]
    if (step === undefined) places.push({ object: value, path: at, ancestors })
    else if (step.type === 'field') {
      walk(getOwn(value, step.key), depth + 1, [...at, step.key], [...ancestors, value])
    } else if (passes(value, step)) walk(value, depth + 1, at, ancestors)
  }
  walk(root, 0, [], [])
  return places
}
