export type LruCache<K, V> = {
  get(key: K): V | undefined
  set(key: K, value: V): void
  size(): number
}

/** Keeps the `limit` entries that were read or written last. */
export function createLruCache<K, V>(limit: number): LruCache<K, V> {
  const entries = new Map<K, V>()
  return {
    get(key) {
      const value = entries.get(key)
      if (value === undefined) return undefined
      entries.delete(key)
      entries.set(key, value)
      return value
    },
    set(key, value) {
      entries.delete(key)
      entries.set(key, value)
      if (entries.size <= limit) return
      const [oldest] = entries.keys()
      if (oldest !== undefined) entries.delete(oldest)
    },
    size: () => entries.size,
  }
}
