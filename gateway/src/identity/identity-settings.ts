import type { KeyObject } from 'node:crypto'
import { identifierSchema, parsePrivateKey } from '@bulkhead/contracts'
import { developmentSecrets, type Environment } from '@bulkhead/service/config/config'
import {
  milliseconds,
  oneOf,
  optionalHttpUrl,
  optionalText,
  parsed,
  setting,
} from '@bulkhead/service/config/setting'
import { type Identity, SCOPES } from '@bulkhead/service/identity/identity'
import { isLoopback } from '@bulkhead/service/loopback'
import type { z } from 'zod'
import { SCOPES_CLAIMS, type TokenRules } from './token-verifier.ts'

const DAY_MS = 86_400_000
/** HS256 asks for a key as long as its hash. */
const MIN_SECRET_LENGTH = 32

/** The variables that say how callers are known, and how subgraphs are told of them. */
export const IDENTITY_SETTINGS = {
  IDENTITY_SIGNING_KEY_ID: setting({
    about:
      'The id under which our own subgraphs know the public key of IDENTITY_SIGNING_KEY. `npm run gateway` does not require it.',
    expected: 'the id under which subgraphs know the public key, 1 to 256 characters',
    read: (raw) => (identifierSchema.safeParse(raw).success ? { ok: raw } : { wrong: 'is not a key id' }),
  }),
  IDENTITY_SIGNING_KEY: parsed({
    about:
      'The Ed25519 private key that the gateway signs identities with, for our own subgraphs and no others. `npm run gateway` does not require it.',
    expected: 'an Ed25519 private key: base64url of its PKCS#8, or PEM',
    parse: parsePrivateKey,
  }),
  JWKS_URL: optionalHttpUrl({
    about:
      "Where the identity provider's public keys are (JWKS). Without it every token is refused. In production it is required, except by `npm run gateway`.",
  }),
  JWT_ISSUER: optionalText({
    about: "The `iss` that clients' tokens must have. Required with JWKS_URL.",
    expected: 'the issuer, exactly as it stands in the tokens',
  }),
  JWT_AUDIENCE: optionalText({
    about: "The `aud` that clients' tokens must have. Required with JWKS_URL.",
    expected: 'the audience that stands for this gateway',
  }),
  JWT_SCOPES_CLAIM: oneOf(SCOPES_CLAIMS, {
    about: "The claim with a token's scopes: text with spaces, or a list.",
    wrong: 'is not a claim that holds scopes',
    default: 'scope',
  }),
  JWT_CLOCK_SKEW_MS: milliseconds({
    about: "How far the identity provider's clock may be off.",
    min: 0,
    max: 300_000,
    default: 30_000,
  }),
  JWKS_REFRESH_MS: milliseconds({
    about: 'How often the keys are downloaded again. A withdrawn key is accepted until then.',
    min: 1_000,
    max: DAY_MS,
    default: 600_000,
  }),
  DEV_TOKEN_SECRET: setting<string | null>({
    about: 'The secret of the tokens that `npm run token` makes. Refused in production.',
    expected: `a secret of at least ${MIN_SECRET_LENGTH} characters`,
    default: null,
    shownDefault: 'not set',
    read: (raw) => (raw.length < MIN_SECRET_LENGTH ? { wrong: 'is too short' } : { ok: raw }),
  }),
  DEV_IDENTITY: optionalText({
    about:
      'Who a request without a token is, with every scope: only for requests that come straight from this machine, only with NODE_ENV=development set, and only with a loopback HOST.',
    expected: 'the name of a user',
  }),
}

type Required = z.output<z.ZodObject<typeof IDENTITY_SETTINGS>>
type IdentitySettings = Omit<Required, 'IDENTITY_SIGNING_KEY' | 'IDENTITY_SIGNING_KEY_ID'> & {
  readonly IDENTITY_SIGNING_KEY_ID?: string | undefined
  readonly IDENTITY_SIGNING_KEY?: KeyObject | undefined
}

export type IdentityConfig = {
  /** Null where no identity provider is set. */
  readonly provider: {
    readonly jwksUrl: string
    readonly refreshMs: number
    readonly rules: TokenRules
  } | null
  readonly developmentSecret: string | null
  readonly developmentIdentity: Identity | null
  /** Null where the gateway stands alone and tells no subgraph who callers are. */
  readonly signing: { readonly keyId: string; readonly privateKey: KeyObject } | null
}

/**
 * Where the settings contradict each other, or the environment.
 * @param options.alone whether this is `npm run gateway`, for graphs that may be open to all
 */
export function identityProblems(
  settings: IdentitySettings,
  options: {
    readonly nodeEnv: 'development' | 'test' | 'production'
    readonly host: string
    readonly env: Environment
    readonly alone: boolean
  },
): readonly string[] {
  return [
    ...contradictions(settings),
    ...(options.nodeEnv === 'production' ? unfitForProduction(settings, options.alone) : []),
    ...(settings.DEV_IDENTITY === null ? [] : unsafeDevelopmentIdentity(options)),
    ...developmentSecrets({ IDENTITY_SIGNING_KEY_ID: settings.IDENTITY_SIGNING_KEY_ID }, options.nodeEnv),
  ]
}

/** What the settings mean together, where `identityProblems` finds nothing. */
export function identityConfig(settings: IdentitySettings): IdentityConfig {
  const {
    IDENTITY_SIGNING_KEY_ID: keyId,
    IDENTITY_SIGNING_KEY: privateKey,
    DEV_IDENTITY,
    JWKS_URL,
  } = settings
  return {
    provider:
      JWKS_URL === null
        ? null
        : {
            jwksUrl: JWKS_URL,
            refreshMs: settings.JWKS_REFRESH_MS,
            rules: {
              issuer: settings.JWT_ISSUER ?? '',
              audience: settings.JWT_AUDIENCE ?? '',
              scopesClaim: settings.JWT_SCOPES_CLAIM,
              clockSkewMs: settings.JWT_CLOCK_SKEW_MS,
            },
          },
    developmentSecret: settings.DEV_TOKEN_SECRET,
    developmentIdentity: DEV_IDENTITY === null ? null : { subject: DEV_IDENTITY, scopes: new Set(SCOPES) },
    signing: keyId === undefined || privateKey === undefined ? null : { keyId, privateKey },
  }
}

function contradictions(settings: IdentitySettings): string[] {
  const { JWKS_URL, JWT_ISSUER, JWT_AUDIENCE, IDENTITY_SIGNING_KEY_ID, IDENTITY_SIGNING_KEY } = settings
  const problems: string[] = []
  // With keys alone, a token that the provider has made for anybody else would be accepted.
  for (const [name, value] of Object.entries({ JWT_ISSUER, JWT_AUDIENCE })) {
    if (JWKS_URL !== null && value === null) problems.push(`${name}: is not set (set it beside JWKS_URL)`)
    if (JWKS_URL === null && value !== null) problems.push(`JWKS_URL: is not set (set it beside ${name})`)
  }
  if ((IDENTITY_SIGNING_KEY_ID === undefined) !== (IDENTITY_SIGNING_KEY === undefined)) {
    problems.push('IDENTITY_SIGNING_KEY and IDENTITY_SIGNING_KEY_ID: only one is set (set both)')
  }
  return problems
}

function unfitForProduction(settings: IdentitySettings, alone: boolean): string[] {
  const problems: string[] = []
  if (settings.JWKS_URL === null && !alone) {
    problems.push('JWKS_URL: is not set (set where the public keys of your identity provider are)')
  }
  if (settings.DEV_TOKEN_SECRET !== null)
    problems.push('DEV_TOKEN_SECRET: is for development (unset it in production)')
  if (settings.DEV_IDENTITY !== null)
    problems.push('DEV_IDENTITY: is for development (unset it in production)')
  return problems
}

function unsafeDevelopmentIdentity(options: { readonly host: string; readonly env: Environment }): string[] {
  const problems: string[] = []
  // The default is not enough: a deployment that forgot NODE_ENV must not take everyone for the developer.
  if (options.env.NODE_ENV !== 'development') {
    problems.push('DEV_IDENTITY: needs NODE_ENV=development (set it, or unset DEV_IDENTITY)')
  }
  if (!isLoopback(options.host)) {
    problems.push('DEV_IDENTITY: needs a loopback HOST (set HOST=127.0.0.1, or unset DEV_IDENTITY)')
  }
  return problems
}
