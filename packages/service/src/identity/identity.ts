/** Who makes a request. Null stands for anonymous: no token was sent. */
export type Identity = {
  /** The user's or the backend's id. */
  readonly subject: string
  readonly scopes: ReadonlySet<string>
}

/** Lets a backend act for every user. */
export const ACT_FOR_USERS = 'users:any'

/** Every scope that this platform knows. */
export const SCOPES: readonly string[] = [
  'experiments:read',
  'experiments:write',
  'experiments:review',
  'audit:read',
  'models:read',
  'models:write',
  'users:erase',
  ACT_FOR_USERS,
]

/** Whether the caller may read and write this user's data: it is the user, or has the scope `users:any`. */
export function mayActFor(identity: Identity | null, userId: string): boolean {
  return identity !== null && (identity.subject === userId || identity.scopes.has(ACT_FOR_USERS))
}

/** Scopes as `@requiresScopes` has them: all of one inner list are enough. */
export type ScopeAlternatives = readonly (readonly string[])[]

export function hasScopes(identity: Identity | null, alternatives: ScopeAlternatives): boolean {
  return (
    identity !== null &&
    alternatives.some((required) => required.every((scope) => identity.scopes.has(scope)))
  )
}

/** For messages: `models:read and models:write, or users:any`. */
export function describeScopes(alternatives: ScopeAlternatives): string {
  return alternatives.map((required) => required.join(' and ')).join(', or ')
}
