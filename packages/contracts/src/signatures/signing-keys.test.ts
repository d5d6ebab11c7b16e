import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { encodePrivateKey, encodePublicKey, parsePrivateKey, parsePublicKeys } from './signing-keys.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const other = generateKeyPairSync('ed25519')
const message = Buffer.from('message')

test('reads back the keys that it encodes', () => {
  const signature = sign(null, message, parsePrivateKey(encodePrivateKey(privateKey)))
  const keyring = parsePublicKeys(
    `one:${encodePublicKey(publicKey)}, two:${encodePublicKey(other.publicKey)}`,
  )
  expect([...keyring.keys()]).toEqual(['one', 'two'])
  const [one, two] = [...keyring.values()].map((key) => verify(null, message, key, signature))
  expect([one, two]).toEqual([true, false])
})

test('gives the public half of a private key', () => {
  expect(encodePublicKey(privateKey)).toBe(encodePublicKey(publicKey))
})

test('reads a private key from PEM', () => {
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  expect(encodePrivateKey(parsePrivateKey(`\n${pem}\n`))).toBe(encodePrivateKey(privateKey))
})

test('refuses what is no Ed25519 private key, without quoting it', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const rsaText = encodePrivateKey(rsa)
  expect(() => parsePrivateKey(rsaText)).toThrow('private key: is rsa, not Ed25519')
  for (const text of ['', 'not a key', 'c2VjcmV0', encodePublicKey(publicKey)]) {
    expect(() => parsePrivateKey(text)).toThrow(/^private key: cannot be read as an Ed25519 key$/)
  }
})

test('refuses a keyring with an unreadable, unnamed or repeated key', () => {
  const key = encodePublicKey(publicKey)
  expect(() => parsePublicKeys('')).toThrow('expected "keyId:key,keyId2:key2"')
  expect(() => parsePublicKeys(key)).toThrow('expected "keyId:key,keyId2:key2"')
  expect(() => parsePublicKeys(`:${key}`)).toThrow('expected "keyId:key,keyId2:key2"')
  expect(() => parsePublicKeys(`one:${key},one:${key}`)).toThrow('"one" is there twice')
  expect(() => parsePublicKeys(`one:${key},two:c2VjcmV0`)).toThrow('public key "two": cannot be read')
  expect(() => parsePublicKeys(`one:${encodePrivateKey(privateKey)}`)).toThrow(
    'public key "one": cannot be read',
  )
})
