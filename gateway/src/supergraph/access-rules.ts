import {
  AuthenticatedSpecDefinition,
  type Supergraph as FederationSupergraph,
  PolicySpecDefinition,
  RequiresScopesSpecDefinition,
} from '@apollo/federation-internals'
import type { ScopeAlternatives } from '@bulkhead/service/identity/identity'
import { type Annotated, argumentsOf } from './join-directives.ts'

/** What the supergraph asks of the caller before it sees a field or a type. */
export type AccessRule = {
  /** Equal for equal rules. */
  readonly id: string
  /** Null asks for an identity only (`@authenticated`). */
  readonly scopes: ScopeAlternatives | null
}

/** The rules of types, by `Type`, and of fields, by `Type.field`. Those without a rule are for everyone. */
export type AccessRules = ReadonlyMap<string, readonly AccessRule[]>

/**
 * The rules that `@authenticated` and `@requiresScopes` make.
 * @throws {Error} where the supergraph uses `@policy`, which nothing here enforces
 */
export function accessRulesOf({ schema }: FederationSupergraph): AccessRules {
  const featureOf = ({ identity }: { readonly identity: string }) =>
    schema.coreFeatures?.getByIdentity(identity)
  if (featureOf(PolicySpecDefinition)) throw new Error('@policy is not supported: nothing would enforce it')
  const authenticated = featureOf(AuthenticatedSpecDefinition)?.directiveNameInSchema('authenticated')
  const requiresScopes = featureOf(RequiresScopesSpecDefinition)?.directiveNameInSchema('requiresScopes')
  const rules = new Map<string, readonly AccessRule[]>()

  function add(coordinate: string, element: Annotated): void {
    const own = [
      ...applied(element, authenticated).map(() => rule(null)),
      ...applied(element, requiresScopes).map(({ scopes }) => rule(scopes as ScopeAlternatives)),
    ]
    if (own.length > 0) rules.set(coordinate, own)
  }

  for (const type of schema.types()) {
    add(type.name, type)
    if (type.kind !== 'ObjectType' && type.kind !== 'InterfaceType') continue
    for (const field of type.fields()) add(`${type.name}.${field.name}`, field)
  }
  return rules
}

/** @param directive undefined where the supergraph does not have it */
function applied(element: Annotated, directive: string | undefined): ReturnType<typeof argumentsOf> {
  return directive === undefined ? [] : argumentsOf(element, directive)
}

function rule(scopes: ScopeAlternatives | null): AccessRule {
  return { id: JSON.stringify(scopes), scopes }
}
