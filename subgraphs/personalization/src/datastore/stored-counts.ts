import { z } from 'zod'
import type { ArmCounts, CanaryCounts } from '../domain/canary/canary-counts.ts'
import { type DistinctSketch, isSketch } from '../domain/shadow/distinct-sketch.ts'
import { isHistogram } from '../domain/shadow/latency-histogram.ts'
import type { ShadowPart } from './port.ts'

const sketchSchema = z
  .base64()
  .transform((text) => new Uint8Array(Buffer.from(text, 'base64')))
  .refine(isSketch)

const shadowCountsSchema = z.object({
  championId: z.string().nullable().default(null),
  compared: z.number(),
  failures: z.object({ threw: z.number(), timedOut: z.number(), crashed: z.number(), empty: z.number() }),
  overlapAt10: z.number(),
  rankBiasedOverlap: z.number(),
  popularityShift: z.number(),
  latency: z.array(z.number()).refine(isHistogram),
  shown: sketchSchema,
  catalogueItems: z.number(),
})

const armSchema = z.object({
  lists: z.number(),
  failed: z.number(),
  empty: z.number(),
  latency: z.array(z.number()).refine(isHistogram),
  shown: sketchSchema,
  listeners: sketchSchema,
})

const canaryCountsSchema: z.ZodType<CanaryCounts, unknown> = z.object({
  championId: z.string(),
  since: z.number(),
  canary: armSchema,
  champion: armSchema,
})

export function readShadowPart(text: string): Omit<ShadowPart, 'source'> {
  const { championId, ...counts } = shadowCountsSchema.parse(JSON.parse(text))
  return { championId, counts }
}

export function writeShadowPart({ championId, counts: { shown, ...counts } }: ShadowPart): string {
  return JSON.stringify({ ...counts, shown: sketchText(shown), championId })
}

export function readCanaryCounts(text: string): CanaryCounts {
  return canaryCountsSchema.parse(JSON.parse(text))
}

export function writeCanaryCounts({ canary, champion, ...counts }: CanaryCounts): string {
  return JSON.stringify({ ...counts, canary: armText(canary), champion: armText(champion) })
}

function armText({ shown, listeners, ...counts }: ArmCounts) {
  return { ...counts, shown: sketchText(shown), listeners: sketchText(listeners) }
}

function sketchText(sketch: DistinctSketch): string {
  return Buffer.from(sketch).toString('base64')
}
