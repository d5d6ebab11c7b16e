import { z } from 'zod'
import { type Environment, parseConfig } from '../config/config.ts'
import { setting } from '../config/setting.ts'

/** The settings of commands that call the API. */
const API_SETTINGS = z.object({
  BULKHEAD_URL: setting({
    about: 'The GraphQL endpoint that commands which use the API call.',
    expected: 'an http or https URL',
    default: 'http://127.0.0.1:4000/graphql',
    read: (raw) => (isHttpUrl(raw) ? { ok: raw } : { wrong: 'is no such URL' }),
  }),
  BULKHEAD_TOKEN: setting<string | null>({
    about: 'The bearer token that they send.',
    expected: 'a token',
    default: null,
    shownDefault: 'none',
    read: (raw) => (/^[\x21-\x7e]+$/.test(raw) ? { ok: raw } : { wrong: 'has characters that no token has' }),
  }),
})

export type ApiConfig = { readonly url: string; readonly token: string | null }

/** @throws ConfigError that lists every problem at once */
export function readApiConfig(env: Environment): ApiConfig {
  const { BULKHEAD_URL: url, BULKHEAD_TOKEN: token } = parseConfig(API_SETTINGS, env)
  return Object.freeze({ url, token })
}

export function isHttpUrl(raw: string): boolean {
  return URL.canParse(raw) && /^https?:$/.test(new URL(raw).protocol)
}
