import { z } from 'zod'
import { fnv1a32, hashV2AfterSeed } from '../hash.ts'
import type { JsonObject } from '../json.ts'
import { keySchema, shareSchema } from '../primitives.ts'

/**
 * A share of all units that is kept out of experiments, so that what they do together can be measured. Strict: a member
 * that this version does not know could mean that more units are held out, so it is not evaluated without it.
 */
export const holdoutSchema = z.strictObject({
  key: keySchema,
  seed: z.string().min(1),
  /** Of all units, those with `hashV2(seed, unit) < share`. */
  share: shareSchema,
  /** What is held out, such as userId. */
  unitType: z.string().min(1),
  /** The layers whose experiments it covers; empty covers every experiment, in a layer or not. */
  layers: z.array(keySchema),
})
export type Holdout = z.infer<typeof holdoutSchema>

/** The holdouts of a snapshot; null where one of them cannot be evaluated, and so none of its experiments either. */
export function readHoldouts(holdouts: readonly JsonObject[]): readonly Holdout[] | null {
  const parsed = z.array(holdoutSchema).safeParse(holdouts)
  return parsed.success ? parsed.data : null
}

export type CompiledHoldout = {
  readonly unitType: string
  covers(layerKey: string | null): boolean
  holds(unit: string): boolean
}

export function compileHoldout({ seed, share, unitType, layers }: Holdout): CompiledHoldout {
  const seedHash = fnv1a32(seed)
  return {
    unitType,
    covers: (layerKey) => layers.length === 0 || (layerKey !== null && layers.includes(layerKey)),
    holds: (unit) => hashV2AfterSeed(seedHash, unit) < share,
  }
}
