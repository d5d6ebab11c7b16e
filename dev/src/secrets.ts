import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodePrivateKey, encodePublicKey } from '@bulkhead/contracts'
import { ensureFolder } from '@bulkhead/datastore/ensure-folder'
import { z } from 'zod'

const developmentSecretsSchema = z.object({
  gatewaySecret: z.string(),
  eventsWriteToken: z.string(),
  shopToken: z.string(),
  snapshotReadToken: z.string(),
  signingKeyId: z.string(),
  signingKey: z.string(),
  publicKey: z.string(),
  identityKeyId: z.string(),
  identityKey: z.string(),
  tokenSecret: z.string(),
})

/** What the three processes share in development. Production refuses each of them by its `dev-` prefix. */
export type DevelopmentSecrets = z.infer<typeof developmentSecretsSchema>

/** The name of the file in the data folder. */
export const SECRETS_FILE = 'dev-secrets.json'
const OWNER_ONLY = 0o600
/** These belong together, and to the snapshots that are stored: a new one would not fit the others. */
const SNAPSHOT_KEYS = ['signingKeyId', 'signingKey', 'publicKey']

function token(): string {
  return `dev-${randomBytes(24).toString('base64url')}`
}

export function generateDevelopmentSecrets(): DevelopmentSecrets {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    gatewaySecret: token(),
    eventsWriteToken: token(),
    shopToken: token(),
    snapshotReadToken: token(),
    signingKeyId: `dev-${randomBytes(6).toString('base64url')}`,
    signingKey: encodePrivateKey(privateKey),
    publicKey: encodePublicKey(publicKey),
    identityKeyId: `dev-${randomBytes(6).toString('base64url')}`,
    identityKey: encodePrivateKey(generateKeyPairSync('ed25519').privateKey),
    tokenSecret: token(),
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Written as a whole or not at all, since the snapshots that are stored were signed with the key in it. */
function writeSecretsFile(dataDir: string, path: string, secrets: DevelopmentSecrets): void {
  const written = `${path}.${process.pid}`
  try {
    ensureFolder(dataDir)
    writeFileSync(written, `${JSON.stringify(secrets, null, 2)}\n`, { mode: OWNER_ONLY })
    renameSync(written, path)
  } catch (error) {
    throw new Error(
      `The data folder ${dataDir} is not writable (${messageOf(error)}): set DATA_DIR to one that is`,
    )
  }
}

/** The text of the file; null where there is none yet. */
function readSecretsFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw new Error(`Cannot read ${path} (${messageOf(error)}): set DATA_DIR to a folder of yours`)
  }
}

/** The secrets that the file has, with what a later release may have added. */
function parseSecrets(text: string, path: string): object {
  try {
    const stored = JSON.parse(text)
    developmentSecretsSchema.partial().parse(stored)
    return stored
  } catch {
    throw damaged(path)
  }
}

function damaged(path: string): Error {
  return new Error(`${path} is damaged: restore it, or delete it, and the next start makes new secrets`)
}

/**
 * Reads the secrets of a data folder, or makes them on the first start: the snapshots kept there are signed with its
 * key, so they must outlive a restart. A file of an earlier release gets the secrets that it lacks.
 * @throws {Error} one line that says what to do when the folder or the file cannot be used.
 */
export function loadDevelopmentSecrets(dataDir: string): DevelopmentSecrets {
  const path = join(dataDir, SECRETS_FILE)
  const text = readSecretsFile(path)
  const stored = text === null ? {} : parseSecrets(text, path)
  const made = generateDevelopmentSecrets()
  const missing = Object.keys(made).filter((name) => !(name in stored))
  if (missing.length === 0) return stored as DevelopmentSecrets
  if (text !== null && SNAPSHOT_KEYS.some((name) => missing.includes(name))) {
    throw damaged(path)
  }
  const secrets = { ...made, ...stored }
  writeSecretsFile(dataDir, path, secrets)
  return secrets
}
