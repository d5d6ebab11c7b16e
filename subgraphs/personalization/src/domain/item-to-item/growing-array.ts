const FIRST_CAPACITY = 1024

/** Whole numbers in a typed array that doubles as it fills: 4 bytes a value where a plain array may take 16. */
export type GrowingArray = {
  push(value: number): void
  readonly length: number
  /** A copy of exactly the values. */
  values(): Uint32Array
}

export function createGrowingArray(): GrowingArray {
  let array = new Uint32Array(FIRST_CAPACITY)
  let length = 0
  return {
    push(value) {
      if (length === array.length) {
        const larger = new Uint32Array(array.length * 2)
        larger.set(array)
        array = larger
      }
      array[length++] = value
    },
    get length() {
      return length
    },
    values: () => array.slice(0, length),
  }
}
