import { type KeyObject, sign, verify } from 'node:crypto'
import type { z } from 'zod'
import { canonicalJson } from '../canonical-json.ts'
import { jsonObjectSchema } from '../json.ts'

/**
 * What is signed with the keys that snapshots are signed with. Each kind puts its own line before what it signs, so a
 * signature of one kind never verifies as another. Snapshots are signed without such a line; their text begins with `{`,
 * with which no line begins.
 */
export const SIGNATURE_DOMAINS = {
  qaOverride: 'bulkhead.qa-override.v1\n',
  decision: 'bulkhead.decision.v1\n',
  bootstrap: 'bulkhead.bootstrap.v1\n',
} as const
export type SignatureDomain = keyof typeof SIGNATURE_DOMAINS

/** Of an Ed25519 signature. */
const SIGNATURE_BYTES = 64

/** @returns the Ed25519 signature, base64url */
export function signInDomain(domain: SignatureDomain, text: string, privateKey: KeyObject): string {
  return signBytes(domainBytes(domain, text), privateKey)
}

export function verifyInDomain(
  domain: SignatureDomain,
  text: string,
  signature: string,
  publicKey: KeyObject,
): boolean {
  return verifySignature(domainBytes(domain, text), signature, publicKey)
}

/**
 * Verifies and parses, after `JSON.parse`, what carries its own signature: over the canonical JSON of everything else, be
 * it in the schema or not. Null where it is none, or not signed by a trusted key.
 */
export function readSigned<T extends { readonly keyId: string; readonly signature: string }>(
  domain: SignatureDomain,
  schema: z.ZodType<T>,
  raw: unknown,
  keyring: ReadonlyMap<string, KeyObject>,
): T | null {
  const parsed = schema.safeParse(raw)
  const object = jsonObjectSchema.safeParse(raw)
  if (!parsed.success || !object.success) return null
  const publicKey = keyring.get(parsed.data.keyId)
  if (publicKey === undefined) return null
  const { signature: _, ...signed } = object.data
  return verifyInDomain(domain, canonicalJson(signed), parsed.data.signature, publicKey) ? parsed.data : null
}

function domainBytes(domain: SignatureDomain, text: string): Buffer {
  return Buffer.from(SIGNATURE_DOMAINS[domain] + text, 'utf8')
}

export function signBytes(bytes: Buffer, privateKey: KeyObject): string {
  return sign(null, bytes, privateKey).toString('base64url')
}

/** Decoding accepts several spellings of the same bytes, of which only the canonical one is allowed. */
export function verifySignature(bytes: Buffer, signature: string, publicKey: KeyObject): boolean {
  const decoded = Buffer.from(signature, 'base64url')
  const isCanonical = decoded.length === SIGNATURE_BYTES && decoded.toString('base64url') === signature
  return isCanonical && verify(null, bytes, publicKey, decoded)
}
