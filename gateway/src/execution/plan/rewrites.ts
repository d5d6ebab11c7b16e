import type { FetchDataRewrite } from '@apollo/query-planner'
import type { GraphQLSchema } from 'graphql'
import { getOwn, isJsonObject, type JsonObject, setOwn } from '../response/own.ts'
import { createTypeCondition } from '../response/type-conditions.ts'

/** Changes an object in place. */
export type Rewrite = (value: unknown) => void

const FRAGMENT = '... on '
const TYPENAME = '__typename'

/**
 * Compiles the planner's changes to what is sent to a subgraph or received from it, such as the `__typename` of an
 * interface object or a key that the planner had to rename. Null where there are none.
 */
export function compileRewrites(
  rewrites: readonly FetchDataRewrite[] | undefined,
  schema: GraphQLSchema,
): Rewrite | null {
  if (!rewrites || rewrites.length === 0) return null
  const all = rewrites.map((rewrite) => atPath(rewrite.path.slice(0, -1), changeAt(rewrite), schema))
  return (value) => {
    for (const rewrite of all) rewrite(value)
  }
}

function changeAt(rewrite: FetchDataRewrite): (object: JsonObject) => void {
  const key = rewrite.path.at(-1) ?? ''
  if (rewrite.kind === 'ValueSetter') return (object) => setOwn(object, key, rewrite.setValueTo)
  return (object) => {
    if (!Object.hasOwn(object, key)) return
    setOwn(object, rewrite.renameKeyTo, object[key])
    delete object[key]
  }
}

function atPath(
  path: readonly string[],
  change: (object: JsonObject) => void,
  schema: GraphQLSchema,
): Rewrite {
  const [step, ...rest] = path
  let next: (object: JsonObject) => void
  if (step === undefined) next = change
  else {
    const further = atPath(rest, change, schema)
    if (step.startsWith(FRAGMENT)) {
      const applies = createTypeCondition(schema, step.slice(FRAGMENT.length))
      next = (object) => {
        const typename = object[TYPENAME]
        // The planner asks for `__typename` wherever there is more than one possible type.
        if (typeof typename !== 'string' || applies(typename)) further(object)
      }
    } else next = (object) => further(getOwn(object, step))
  }
  function rewrite(value: unknown): void {
    if (Array.isArray(value)) value.forEach(rewrite)
    else if (isJsonObject(value)) next(value)
  }
  return rewrite
}
