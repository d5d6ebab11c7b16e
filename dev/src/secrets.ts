import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodePrivateKey, encodePublicKey } from '@bulkhead/contracts'
import { ensureFolder } from '@bulkhead/datastore/ensure-folder'
import { z } from 'zod'

const developmentSecretsSchema = z.strictObject({
  gatewaySecret: z.string(),
  eventsWriteToken: z.string(),
  snapshotReadToken: z.string(),
  signingKeyId: z.string(),
  signingKey: z.string(),
  publicKey: z.string(),
})

/** What the three processes share in development. Production refuses each of them by its `dev-` prefix. */
export type DevelopmentSecrets = z.infer<typeof developmentSecretsSchema>

/** The name of the file in the data folder. */
export const SECRETS_FILE = 'dev-secrets.json'
const OWNER_ONLY = 0o600

function token(): string {
  return `dev-${randomBytes(24).toString('base64url')}`
}

export function generateDevelopmentSecrets(): DevelopmentSecrets {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    gatewaySecret: token(),
    eventsWriteToken: token(),
    snapshotReadToken: token(),
    signingKeyId: `dev-${randomBytes(6).toString('base64url')}`,
    signingKey: encodePrivateKey(privateKey),
    publicKey: encodePublicKey(publicKey),
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function createSecretsFile(dataDir: string, path: string): DevelopmentSecrets {
  const secrets = generateDevelopmentSecrets()
  try {
    ensureFolder(dataDir)
    writeFileSync(path, `${JSON.stringify(secrets, null, 2)}\n`, { mode: OWNER_ONLY, flag: 'wx' })
  } catch (error) {
    throw new Error(
      `The data folder ${dataDir} is not writable (${messageOf(error)}): set DATA_DIR to one that is`,
    )
  }
  return secrets
}

/**
 * Reads the secrets of a data folder, or makes them on the first start: the snapshots kept there are signed with its
 * key, so they must outlive a restart.
 * @throws {Error} one line that says what to do when the folder or the file cannot be used.
 */
export function loadDevelopmentSecrets(dataDir: string): DevelopmentSecrets {
  const path = join(dataDir, SECRETS_FILE)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return createSecretsFile(dataDir, path)
    throw new Error(`Cannot read ${path} (${messageOf(error)}): set DATA_DIR to a folder of yours`)
  }
  try {
    return developmentSecretsSchema.parse(JSON.parse(text))
  } catch {
    throw new Error(`${path} is damaged: restore it, or delete it, and the next start makes new secrets`)
  }
}
