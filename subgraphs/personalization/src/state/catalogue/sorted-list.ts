/** Values in order. A change costs the search for its place and a move within one small part, whatever the length. */
export type SortedList<Value> = Iterable<Value> & {
  readonly length: number
  /** Adds a value that is not in the list. */
  add(value: Value): void
  /** Takes out the value that compares as equal; false where there is none. */
  remove(value: Value): boolean
  /** The values in order, from the first for which `isPast` holds; `isPast` never changes back along the list. */
  from(isPast: (value: Value) => boolean): Iterable<Value>
}

/** A part is split above this: moving its values takes less than a microsecond. */
const MAX_PART = 1024

/** @param compare a total order: 0 only for the same value */
export function createSortedList<Value>(compare: (a: Value, b: Value) => number): SortedList<Value> {
  /** No part is empty; all values of a part come before those of the next. */
  const parts: Value[][] = []
  let length = 0

  /** Where a value is, or would be: the first place that is not before it. */
  function placeOf(isNotBefore: (value: Value) => boolean): { readonly part: number; readonly at: number } {
    const part = firstWhere(parts, (values) => isNotBefore(values.at(-1) as Value))
    return { part, at: firstWhere(parts[part] ?? [], isNotBefore) }
  }

  function* from(isPast: (value: Value) => boolean): Generator<Value> {
    const place = placeOf(isPast)
    for (let part = place.part; part < parts.length; part++) {
      const values = parts[part] ?? []
      for (let at = part === place.part ? place.at : 0; at < values.length; at++) yield values[at] as Value
    }
  }

  return {
    get length() {
      return length
    },

    add(value) {
      length++
      const { part, at } = placeOf((other) => compare(other, value) >= 0)
      const last = parts.at(-1)
      if (last === undefined) parts.push([value])
      else if (part < parts.length) insert(part, at, value)
      // Values that arrive in order fill their parts up.
      else if (last.length < MAX_PART) last.push(value)
      else parts.push([value])
    },

    remove(value) {
      const { part, at } = placeOf((other) => compare(other, value) >= 0)
      const values = parts[part]
      const found = values?.[at]
      if (values === undefined || found === undefined || compare(found, value) !== 0) return false
      if (values.length === 1) parts.splice(part, 1)
      else values.splice(at, 1)
      length--
      return true
    },

    from,
    [Symbol.iterator]: () => from(() => true),
  }

  function insert(part: number, at: number, value: Value): void {
    const values = parts[part] ?? []
    values.splice(at, 0, value)
    if (values.length > MAX_PART) parts.splice(part + 1, 0, values.splice(MAX_PART / 2))
  }
}

/** The first index where it holds, or the length; once it holds, it holds for all that follow. */
function firstWhere<Value>(values: readonly Value[], holds: (value: Value) => boolean): number {
  let low = 0
  let high = values.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(values[middle] as Value)) high = middle
    else low = middle + 1
  }
  return low
}
