import { type PackedIds, packIds } from '../../domain/artefact/packed-ids.ts'
import type { ModelContent } from '../../domain/recommendation-model.ts'

/** A model's content on its way between threads: its ids are bytes, which cross without being copied. */
export type PackedContent = { readonly content: ModelContent; readonly ids: PackedIds }

/** The content without its ids, and they packed. */
export function packContent(content: ModelContent): PackedContent {
  if (content.kind === 'item-neighbours') {
    const { parts } = content
    return { content: { ...content, parts: { ...parts, itemIds: [] } }, ids: packIds(parts.itemIds) }
  }
  const { parts } = content
  const factors = { ...parts.factors, itemIds: [] }
  return { content: { ...content, parts: { ...parts, factors } }, ids: packIds(parts.factors.itemIds) }
}

/** The buffers of everything in it, each once. */
export function buffersOf({ content, ids }: PackedContent): readonly ArrayBuffer[] {
  const arrays =
    content.kind === 'item-neighbours'
      ? [content.parts.starts, content.parts.neighbours, content.parts.similarities]
      : [content.parts.factors.values, content.parts.gram, ...Object.values(content.parts.clusters ?? {})]
  const buffers = new Set([...arrays, ids.bytes, ids.offsets].map(({ buffer }) => buffer))
  return [...buffers].filter((buffer) => buffer instanceof ArrayBuffer)
}
