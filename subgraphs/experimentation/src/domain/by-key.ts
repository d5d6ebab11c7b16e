type Keyed = { readonly key: string }

/** For `sort`: compares code units and not by locale, so that every replica gets the same order. */
export function byKey(a: Keyed, b: Keyed): number {
  if (a.key === b.key) return 0
  return a.key < b.key ? -1 : 1
}
