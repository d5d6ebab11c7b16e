import type { FetchNode } from '@apollo/query-planner'
import type { DocumentNode } from 'graphql'
import type { Supergraph } from '../../supergraph/supergraph.ts'
import type { PathStep } from '../response/response-path.ts'
import { meetsTypeCondition } from '../response/type-conditions.ts'
import { type ContextArgument, compileContextArguments } from './context-arguments.ts'
import { hasEffect } from './effects.ts'
import { compileRepresentation, type Represent } from './representations.ts'
import { compileRewrites, type Rewrite } from './rewrites.ts'

const TYPENAME = '__typename'

/** A fetch of a plan with everything prepared that does not depend on the request. */
export type CompiledFetch = {
  readonly subgraph: string
  readonly document: DocumentNode
  /** The JSON that is posted, up to the value of `variables`. */
  readonly bodyStart: string
  /** The client's variables that the fetch uses. */
  readonly variableNames: readonly string[]
  /** The objects that the fetch adds fields to. */
  readonly path: readonly PathStep[]
  /** Null for a fetch of root fields. */
  readonly represent: Represent | null
  /** The same as the planner gives it. */
  readonly requires: FetchNode['requires']
  readonly contextArguments: readonly ContextArgument[]
  readonly rewriteInput: Rewrite | null
  readonly rewriteOutput: Rewrite | null
  /** Interfaces that representations name as their type. A subgraph that answers so does not know the object's own. */
  readonly interfaces: ReadonlySet<unknown>
  /** Whether an object of this type meets a fragment's condition. */
  readonly meetsCondition: (typename: string, condition: string) => boolean
  /** Neither a mutation nor of a field that is tagged `effect`. */
  readonly effectFree: boolean
  /** Keys of the subgraph's answer that the planner had to choose, and the client's keys for them. */
  readonly renamedKeys: ReadonlyMap<string, string>
  /** The fields it adds, as in `fieldsWritten`. */
  readonly written: ReadonlySet<string>
  /** The deferred part it belongs to; null for the initial answer. */
  readonly part: number | null
  /** Fetches that must have ended before. */
  readonly waitsFor: readonly number[]
}

export function compileFetch(options: {
  readonly node: FetchNode
  readonly document: DocumentNode
  readonly path: readonly PathStep[]
  readonly part: number | null
  readonly waitsFor: readonly number[]
  readonly written: ReadonlySet<string>
  readonly mayHaveEffects: boolean
  readonly supergraph: Supergraph
}): CompiledFetch {
  const { node, document, path, part, waitsFor, written, mayHaveEffects, supergraph } = options
  const { fullSchema } = supergraph
  const name =
    node.operationName === undefined ? '' : `,"operationName":${JSON.stringify(node.operationName)}`
  const contextArguments = compileContextArguments(node.contextRewrites, fullSchema)
  const fromContext = new Set(contextArguments.map(({ variable }) => variable))
  return {
    subgraph: node.serviceName,
    document,
    bodyStart: `{"query":${JSON.stringify(node.operation)}${name},"variables":`,
    variableNames: (node.variableUsages ?? []).filter((variable) => !fromContext.has(variable)),
    path,
    represent: node.requires ? compileRepresentation(node.requires, fullSchema) : null,
    requires: node.requires,
    contextArguments,
    rewriteInput: compileRewrites(node.inputRewrites, fullSchema),
    rewriteOutput: compileRewrites(node.outputRewrites, fullSchema),
    interfaces: interfacesOf(node),
    meetsCondition: (typename, condition) => meetsTypeCondition(fullSchema, typename, condition),
    effectFree: !mayHaveEffects && !hasEffect(document, supergraph),
    renamedKeys: renamedKeysOf(node),
    written,
    part,
    waitsFor,
  }
}

function interfacesOf({ inputRewrites = [] }: FetchNode): ReadonlySet<unknown> {
  return new Set(
    inputRewrites.flatMap((rewrite) =>
      rewrite.kind === 'ValueSetter' && rewrite.path.at(-1) === TYPENAME ? [rewrite.setValueTo] : [],
    ),
  )
}

function renamedKeysOf({ outputRewrites = [] }: FetchNode): ReadonlyMap<string, string> {
  return new Map(
    outputRewrites.flatMap((rewrite) =>
      rewrite.kind === 'KeyRenamer' ? [[rewrite.path.at(-1) ?? '', rewrite.renameKeyTo] as const] : [],
    ),
  )
}
