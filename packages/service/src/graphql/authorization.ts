import {
  type ConstDirectiveNode,
  defaultFieldResolver,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
} from 'graphql'
import { COMMON_ERRORS, serviceError } from '../errors.ts'
import {
  ACT_FOR_USERS,
  describeScopes,
  hasScopes,
  type Identity,
  mayActFor,
  type ScopeAlternatives,
} from '../identity/identity.ts'

/** What a subgraph's GraphQL context must have. */
type AuthorizedContext = { readonly identity: Identity | null }
type Resolver = GraphQLFieldResolver<unknown, AuthorizedContext>

/** What a directive asks of the caller; null asks for an identity only (`@authenticated`). */
type Requirement = { readonly scopes: ScopeAlternatives | null }

type Annotated = {
  readonly astNode?: { readonly directives?: readonly ConstDirectiveNode[] } | null | undefined
}

/**
 * Enforces `@authenticated` and `@requiresScopes` in a subgraph, on fields, on the types that they return, and on the
 * types that they belong to, so that no way into a type goes around them. The gateway does so first; the subgraph does
 * not rely on it. Changes the schema.
 */
export function enforceAuthorization(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      const requirements = [type, field, getNamedType(field.type)].flatMap(requirementsOf)
      if (requirements.length === 0) continue
      field.resolve = guarded(
        (field.resolve ?? defaultFieldResolver) as Resolver,
        requirements,
        `${type.name}.${field.name}`,
      )
    }
  }
  return schema
}

function guarded(resolve: Resolver, requirements: readonly Requirement[], field: string): Resolver {
  return (parent, args, context, info) => {
    for (const requirement of requirements) requireOf(context.identity, requirement, field)
    return resolve(parent, args, context, info)
  }
}

function requireOf(identity: Identity | null, { scopes }: Requirement, field: string): void {
  if (identity === null) {
    throw serviceError(COMMON_ERRORS.UNAUTHENTICATED, `${field} needs an identity: send a token.`)
  }
  if (scopes !== null && !hasScopes(identity, scopes)) {
    throw serviceError(COMMON_ERRORS.FORBIDDEN, `${field} needs the scopes ${describeScopes(scopes)}.`)
  }
}

function requirementsOf({ astNode }: Annotated | GraphQLNamedType): Requirement[] {
  return (astNode?.directives ?? []).flatMap((directive): Requirement[] => {
    switch (directive.name.value) {
      case 'authenticated':
        return [{ scopes: null }]
      case 'requiresScopes':
        return [{ scopes: scopesOf(directive) }]
      default:
        return []
    }
  })
}

function scopesOf(directive: ConstDirectiveNode): ScopeAlternatives {
  const value = directive.arguments?.find(({ name }) => name.value === 'scopes')?.value
  if (value?.kind !== Kind.LIST)
    throw new GraphQLError('scopes must be a list of lists', { nodes: directive })
  return value.values.map((required) =>
    required.kind === Kind.LIST
      ? required.values.flatMap((scope) => (scope.kind === Kind.STRING ? [scope.value] : []))
      : [],
  )
}

/** @throws ServiceError UNAUTHENTICATED for anonymous */
export function requireIdentity(identity: Identity | null): Identity {
  if (identity !== null) return identity
  throw serviceError(COMMON_ERRORS.UNAUTHENTICATED, 'This needs an identity: send a token.')
}

/**
 * @throws ServiceError UNAUTHENTICATED or FORBIDDEN unless the caller is this user or acts for users
 */
export function requireUser(identity: Identity | null, userId: string): void {
  if (mayActFor(identity, userId)) return
  if (identity === null) {
    throw serviceError(
      COMMON_ERRORS.UNAUTHENTICATED,
      "A user's data needs an identity: send a token of this user.",
    )
  }
  throw serviceError(
    COMMON_ERRORS.FORBIDDEN,
    `A user's data needs a token of this user, or one with the scope ${ACT_FOR_USERS}.`,
  )
}
