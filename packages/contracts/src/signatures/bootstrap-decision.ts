import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from '../canonical-json.ts'
import { jsonObjectSchema } from '../json.ts'
import { identifierSchema, instantSchema } from '../primitives.ts'
import { signInDomain, verifyInDomain } from './signature-domain.ts'

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in hex')
export const bootstrapDecisionSchema = z.object({
  kind: z.literal('bootstrap'),
  modelVersionId: identifierSchema,
  artefactHash: sha256Schema,
  evaluationHash: sha256Schema.nullable(),
  rationale: z.string().min(1),
  decidedBy: identifierSchema,
  decidedAt: instantSchema,
  reviewedBy: z.array(identifierSchema).min(1),
  keyId: identifierSchema,
  signature: z.base64url(),
})
export type BootstrapDecision = z.infer<typeof bootstrapDecisionSchema>
export function signBootstrap(
  record: Omit<BootstrapDecision, 'keyId' | 'signature'>,
  key: { readonly keyId: string; readonly privateKey: KeyObject },
): BootstrapDecision {
  const signed = { ...record, keyId: key.keyId }
  return { ...signed, signature: signInDomain('bootstrap', canonicalJson(signed), key.privateKey) }
}
export function readBootstrap(
  raw: unknown,
  keyring: ReadonlyMap<string, KeyObject>,
): BootstrapDecision | null {
  const parsed = bootstrapDecisionSchema.safeParse(raw)
  const object = jsonObjectSchema.safeParse(raw)
  if (!parsed.success || !object.success) return null
  const publicKey = keyring.get(parsed.data.keyId)
  if (publicKey === undefined) return null
  const { signature: _, ...signed } = object.data
  return verifyInDomain('bootstrap', canonicalJson(signed), parsed.data.signature, publicKey)
    ? parsed.data
    : null
}
