import { signDevelopmentToken } from '@bulkhead/gateway/identity/development-token'
import { type ApiClient, createApiClient } from '@bulkhead/service/api/api-client'
import { ACT_FOR_USERS, SCOPES } from '@bulkhead/service/identity/identity'

/** The demo's requests carry this name, by which the launcher leaves them out of what it shows of the log. */
export const DEMO_CLIENT = 'bulkhead-demo'
/** Who decides, and who reviews: nobody approves their own work. */
export const AUTHOR = 'ana'
export const REVIEWER = 'ben'

const LISTENERS = 'demo'
const LIFETIME_S = 3_600

/** Whoever acts in the demo, each with a token as `npm run token` signs them. */
export type DemoClients = {
  readonly author: ApiClient
  readonly reviewer: ApiClient
  /** May act for every listener. */
  readonly listeners: ApiClient
}

/** @param options.signal ends requests that are under way */
export async function createDemoClients(options: {
  readonly url: string
  readonly secret: string
  readonly signal: AbortSignal
}): Promise<DemoClients> {
  const { url, secret, signal } = options
  const people = SCOPES.filter((scope) => scope !== ACT_FOR_USERS)

  function fetchAsDemo(...[input, init = {}]: Parameters<typeof fetch>): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('apollographql-client-name', DEMO_CLIENT)
    return fetch(input, { ...init, headers, signal: AbortSignal.any([signal, init.signal ?? signal]) })
  }

  async function clientOf(subject: string, scopes: readonly string[]): Promise<ApiClient> {
    const token = await signDevelopmentToken({ secret, subject, scopes, lifetimeS: LIFETIME_S })
    return createApiClient({ url, token, fetch: fetchAsDemo })
  }

  return {
    author: await clientOf(AUTHOR, people),
    reviewer: await clientOf(REVIEWER, people),
    listeners: await clientOf(LISTENERS, SCOPES),
  }
}
