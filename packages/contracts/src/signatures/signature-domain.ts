import { type KeyObject, sign, verify } from 'node:crypto'

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
