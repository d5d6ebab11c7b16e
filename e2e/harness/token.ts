import { signDevelopmentToken } from '@bulkhead/gateway/identity/development-token'
import { ACT_FOR_USERS, SCOPES } from '@bulkhead/service/identity/identity'

/** Somebody with every scope of a person, by name, or with other scopes. */
export type User = string | { readonly name: string; readonly scopes: readonly string[] }

const LIFETIME_S = 3_600
const SCOPES_OF_PEOPLE = SCOPES.filter((scope) => scope !== ACT_FOR_USERS)

/** The header that makes a request this user's. */
export async function tokenHeader(user: User, secret: string): Promise<Record<string, string>> {
  const { name, scopes } = typeof user === 'string' ? { name: user, scopes: SCOPES_OF_PEOPLE } : user
  const token = await signDevelopmentToken({ secret, subject: name, scopes, lifetimeS: LIFETIME_S })
  return { authorization: `Bearer ${token}` }
}
