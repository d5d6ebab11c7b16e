const handed = new WeakMap<object, readonly ArrayBuffer[]>()

/**
 * Marks a result whose buffers are handed over and not copied, which would hold up the event loop that gets them. The
 * thread cannot read them afterwards.
 */
export function handOver<T extends object>(result: T, buffers: readonly ArrayBuffer[]): T {
  handed.set(result, buffers)
  return result
}

/** The buffers of a result that was marked, and of bytes. */
export function buffersToHandOver(result: unknown): readonly ArrayBuffer[] {
  if (typeof result !== 'object' || result === null) return []
  return handed.get(result) ?? (result instanceof Uint8Array ? wholeBuffers([result]) : [])
}

/** Of arrays that fill their buffers: a small Buffer shares its memory with others, and is copied. */
export function wholeBuffers(arrays: readonly Uint8Array[]): readonly ArrayBuffer[] {
  return arrays.flatMap(({ buffer, byteLength }) =>
    buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [],
  )
}
