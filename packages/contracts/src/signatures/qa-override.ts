import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from '../canonical-json.ts'
import { identifierSchema, instantSchema, keySchema } from '../primitives.ts'
import { signInDomain, verifyInDomain } from './signature-domain.ts'

const qaOverrideSchema = z.strictObject({
  experimentKey: keySchema,
  variantKey: keySchema,
  unit: identifierSchema,
  /** The first instant at which it no longer holds. */
  expiresAt: instantSchema,
})

/**
 * Shows a tester one variant of one experiment for a while. The evaluator answers FORCED, so it is never counted. Verified
 * by `readQaOverride`, it is one of the evaluator's inputs (`overrides`).
 */
export type QaOverride = z.infer<typeof qaOverrideSchema>

export const QA_OVERRIDE_REFUSALS = ['MALFORMED', 'UNKNOWN_KEY', 'BAD_SIGNATURE', 'EXPIRED'] as const
export type QaOverrideRefusal = (typeof QA_OVERRIDE_REFUSALS)[number]

export type QaOverrideReading =
  | { readonly type: 'override'; readonly override: QaOverride }
  | { readonly type: 'refused'; readonly code: QaOverrideRefusal }

/** Upper bound on the characters of a signed override. Longer text is refused before it is decoded. */
export const MAX_QA_OVERRIDE_LENGTH = 4_096

const signedSchema = qaOverrideSchema.extend({ keyId: identifierSchema })

/**
 * Signs an override: `1.` + base64url of the canonical JSON with the key id + `.` + base64url of the Ed25519 signature. It
 * is safe in a URL and in a header.
 * @throws ZodError for an override that no reader accepts
 */
export function signQaOverride(
  override: QaOverride,
  key: { readonly keyId: string; readonly privateKey: KeyObject },
): string {
  const text = canonicalJson(signedSchema.parse({ ...override, keyId: key.keyId }))
  const signature = signInDomain('qaOverride', text, key.privateKey)
  return `1.${Buffer.from(text, 'utf8').toString('base64url')}.${signature}`
}

/**
 * Verifies and parses what `signQaOverride` wrote. Never throws.
 * @param now epoch milliseconds
 */
export function readQaOverride(
  signed: string,
  keyring: ReadonlyMap<string, KeyObject>,
  now: number,
): QaOverrideReading {
  if (signed.length > MAX_QA_OVERRIDE_LENGTH) return refused('MALFORMED')
  const [version, body = '', signature = '', ...rest] = signed.split('.')
  if (version !== '1' || rest.length > 0) return refused('MALFORMED')
  const text = Buffer.from(body, 'base64url').toString('utf8')
  const parsed = signedSchema.safeParse(parseJson(text))
  if (!parsed.success) return refused('MALFORMED')

  const { keyId, ...override } = parsed.data
  const publicKey = keyring.get(keyId)
  if (publicKey === undefined) return refused('UNKNOWN_KEY')
  if (!verifyInDomain('qaOverride', text, signature, publicKey)) return refused('BAD_SIGNATURE')
  if (Date.parse(override.expiresAt) <= now) return refused('EXPIRED')
  return { type: 'override', override }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refused(code: QaOverrideRefusal): QaOverrideReading {
  return { type: 'refused', code }
}
