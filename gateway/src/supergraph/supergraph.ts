import {
  AuthenticatedSpecDefinition,
  DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES,
  errorCauses,
  Supergraph as FederationSupergraph,
  RequiresScopesSpecDefinition,
  tagIdentity,
} from '@apollo/federation-internals'
import { QueryPlanner } from '@apollo/query-planner'
import { assertValidSchema, GraphQLError, type GraphQLSchema, parse } from 'graphql'
import { type AccessRules, accessRulesOf } from './access-rules.ts'
import { type CostDirectives, costDirectivesOf } from './cost-directives.ts'
import { withoutLinksOfExecutableDirectives } from './executable-directives.ts'
import { interfaceObjectsOf, requiredWithArguments } from './join-directives.ts'
import { type RequiredFields, withNamedRequirements } from './required-arguments.ts'
import { withResolvableKeys } from './resolvable-keys.ts'

/** Everything that executing operations needs to know of one supergraph. */
export type Supergraph = {
  readonly sdl: string
  /** What clients see, with `@defer`. */
  readonly schema: GraphQLSchema
  /** All types, those that clients do not see included. */
  readonly fullSchema: GraphQLSchema
  readonly planner: QueryPlanner
  readonly subgraphs: readonly { readonly name: string; readonly url: string }[]
  /** `Type.field` of each field with `@tag(name: "effect")`: fetching it changes something. */
  readonly effects: ReadonlySet<string>
  /** Names of fields with arguments that `@requires` or `@fromContext` may ask for with other arguments than the client. */
  readonly requiredWithArguments: ReadonlySet<string>
  /** Fields that only the planner knows. */
  readonly required: RequiredFields
  /**
   * The interfaces that are objects in some subgraph (`@interfaceObject`), by name, with the fields with `@requires` that
   * these subgraphs add to them.
   */
  readonly interfaceObjects: ReadonlyMap<string, ReadonlySet<string>>
  readonly costs: CostDirectives
  readonly accessRules: AccessRules
}

/** A text that cannot be served as a supergraph. The message is one line. */
class SupergraphError extends Error {
  override readonly name = 'SupergraphError'
}

const EFFECT_TAG = 'effect'

/**
 * The features that this gateway honours. A supergraph that needs another one, such as `@policy`, is refused: served
 * without it, it would show what it means to protect.
 */
const SUPPORTED_FEATURES = new Set([
  ...DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES,
  'https://specs.apollo.dev/context/v0.1',
  `${AuthenticatedSpecDefinition.identity}/v0.1`,
  `${RequiresScopesSpecDefinition.identity}/v0.1`,
])

const MAX_SHOWN_PROBLEMS = 3

/** @throws {SupergraphError} where the SDL is not a supergraph, or needs a feature that is not supported */
export function buildSupergraph(sdl: string): Supergraph {
  const steps = buildInSteps(sdl)
  let step = steps.next()
  while (!step.done) step = steps.next()
  return step.value
}

/**
 * The same, with a pause for other work after each step: a supergraph of 500 types takes more than a second.
 * @param signal gives it up at the next step, by throwing its reason
 * @throws {SupergraphError} as `buildSupergraph` does
 */
export async function buildSupergraphWithPauses(sdl: string, signal: AbortSignal): Promise<Supergraph> {
  const steps = buildInSteps(sdl)
  let step = steps.next()
  while (!step.done) {
    await new Promise(setImmediate)
    signal.throwIfAborted()
    step = steps.next()
  }
  return step.value
}

/** The document in a form that the planner does not misread. */
function forPlanner(sdl: string): ReturnType<typeof withNamedRequirements> {
  return withNamedRequirements(withoutLinksOfExecutableDirectives(withResolvableKeys(parse(sdl))))
}

function* buildInSteps(sdl: string): Generator<undefined, Supergraph> {
  try {
    const { document, required } = forPlanner(sdl)
    const supergraph = FederationSupergraph.build(document, { supportedFeatures: SUPPORTED_FEATURES })
    yield
    const apiSchema = supergraph.apiSchema()
    for (const type of [...apiSchema.objectTypes(), ...apiSchema.interfaceTypes()]) {
      for (const name of required.fields.keys()) type.field(name)?.remove()
    }
    yield
    const schema = apiSchema.toGraphQLJSSchema({ includeDefer: true })
    yield
    // The first operation would check it otherwise, and wait for that.
    assertValidSchema(schema)
    yield
    const fullSchema = supergraph.schema.toGraphQLJSSchema()
    yield
    // The supergraph keeps the subgraphs that it extracts here; the planner takes them from there.
    supergraph.subgraphs()
    yield
    return {
      sdl,
      schema,
      fullSchema,
      planner: new QueryPlanner(supergraph, { incrementalDelivery: { enableDefer: true } }),
      subgraphs: supergraph.subgraphsMetadata(),
      effects: effectsOf(supergraph),
      requiredWithArguments: requiredWithArguments(supergraph),
      required,
      interfaceObjects: interfaceObjectsOf(supergraph),
      costs: costDirectivesOf(supergraph),
      accessRules: accessRulesOf(supergraph),
    }
  } catch (error) {
    throw new SupergraphError(describe(error), { cause: error })
  }
}

function effectsOf({ schema }: FederationSupergraph): ReadonlySet<string> {
  // A supergraph may import the directive by another name.
  const tag = schema.coreFeatures?.getByIdentity(tagIdentity)?.directiveNameInSchema('tag')
  const effects = new Set<string>()
  for (const type of [...schema.objectTypes(), ...schema.interfaceTypes()]) {
    for (const field of type.fields()) {
      const tags = field.appliedDirectives.filter(({ name }) => name === tag)
      if (tags.some((applied) => applied.arguments().name === EFFECT_TAG))
        effects.add(`${type.name}.${field.name}`)
    }
  }
  return effects
}

/** One line. The library's own messages have a heading and excerpts of the document. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const problems = (errorCauses(error) ?? [error]).map((problem) => {
    const [location] = problem instanceof GraphQLError ? (problem.locations ?? []) : []
    const where = location === undefined ? '' : ` (line ${location.line}, column ${location.column})`
    return problem.message.trim().replaceAll(/\s+/g, ' ').replace(/\.$/, '') + where
  })
  const more = problems.length - MAX_SHOWN_PROBLEMS
  return problems.slice(0, MAX_SHOWN_PROBLEMS).join('; ') + (more > 0 ? `; and ${more} more` : '')
}
