/** Ids as bytes: the UTF-8 of each, one behind the other, and where each begins and ends. */
export type PackedIds = { readonly bytes: Uint8Array; readonly offsets: Uint32Array }

export function packIds(ids: readonly string[]): PackedIds {
  const encoder = new TextEncoder()
  const encoded = ids.map((id) => encoder.encode(id))
  const offsets = new Uint32Array(ids.length + 1)
  encoded.forEach((bytes, place) => {
    offsets[place + 1] = (offsets[place] ?? 0) + bytes.length
  })
  const bytes = new Uint8Array(offsets.at(-1) ?? 0)
  encoded.forEach((one, place) => {
    bytes.set(one, offsets[place])
  })
  return { bytes, offsets }
}
