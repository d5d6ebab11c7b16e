import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { identifierSchema } from '../primitives.ts'

/**
 * Reads an Ed25519 private key: base64url of the PKCS#8 DER, or PEM.
 * @throws Error that says what is wrong, without the key
 */
export function parsePrivateKey(text: string): KeyObject {
  const trimmed = text.trim()
  return ed25519('private key', () =>
    trimmed.startsWith('-----BEGIN')
      ? createPrivateKey({ key: trimmed, format: 'pem' })
      : createPrivateKey({ key: fromBase64url(trimmed), format: 'der', type: 'pkcs8' }),
  )
}

/**
 * Reads a keyring: `keyId:key,keyId2:key2`, where a key is the base64url of an Ed25519 public key's SPKI DER. With
 * several keys, a key can be rotated without a gap.
 * @throws Error that names the key id at fault
 */
export function parsePublicKeys(text: string): ReadonlyMap<string, KeyObject> {
  const keyring = new Map<string, KeyObject>()
  for (const entry of text.split(',')) {
    const colon = entry.lastIndexOf(':')
    const keyId = entry.slice(0, Math.max(colon, 0)).trim()
    if (!identifierSchema.safeParse(keyId).success)
      throw new Error('public keys: expected "keyId:key,keyId2:key2"')
    if (keyring.has(keyId)) throw new Error(`public keys: "${keyId}" is there twice`)
    const der = entry.slice(colon + 1).trim()
    keyring.set(
      keyId,
      ed25519(`public key "${keyId}"`, () =>
        createPublicKey({ key: fromBase64url(der), format: 'der', type: 'spki' }),
      ),
    )
  }
  return keyring
}

/** The form that `parsePrivateKey` reads: base64url of the PKCS#8 DER. */
export function encodePrivateKey(key: KeyObject): string {
  return key.export({ format: 'der', type: 'pkcs8' }).toString('base64url')
}

/** The form of a key that `parsePublicKeys` reads: base64url of the SPKI DER. A private key gives its public key. */
export function encodePublicKey(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return publicKey.export({ format: 'der', type: 'spki' }).toString('base64url')
}

function ed25519(name: string, read: () => KeyObject): KeyObject {
  let key: KeyObject
  try {
    key = read()
  } catch {
    // OpenSSL's message is of no help, and could hold part of the key.
    throw new Error(`${name}: cannot be read as an Ed25519 key`)
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new Error(`${name}: is ${key.asymmetricKeyType}, not Ed25519`)
  return key
}

function fromBase64url(text: string): Buffer {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) throw new Error('not base64url')
  return Buffer.from(text, 'base64url')
}
