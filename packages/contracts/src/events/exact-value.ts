/** Upper bound on the magnitude of an event's value. With six decimals it fits into 64 bits. */
export const MAX_EVENT_VALUE = 1e12

const DECIMALS = 6

/**
 * A value as an integer of 10^-6, so that sums are exact and the same on every engine. Rounds the shortest decimal text
 * that denotes the number (what `String(value)` gives), half away from zero: 0.0000005 is 1, -0.0000005 is -1.
 * Databases cannot be left to do this, because they round doubles differently from each other.
 * @throws RangeError for a value that is not finite or above `MAX_EVENT_VALUE`
 */
export function exactValue(value: number): bigint {
  if (!(Math.abs(value) <= MAX_EVENT_VALUE)) {
    throw new RangeError(`a value must be a number of at most ${MAX_EVENT_VALUE} in magnitude`)
  }
  const [mantissa = '', exponent = '0'] = String(Math.abs(value)).split('e')
  const [whole = '', fraction = ''] = mantissa.split('.')
  const digits = whole + fraction
  /** How many of the digits stand before the point once the value is multiplied by 10^6. */
  const kept = whole.length + Number(exponent) + DECIMALS
  if (kept < 0) return 0n
  const magnitude = BigInt(digits.slice(0, kept).padEnd(kept, '0') || '0')
  const rounded = (digits[kept] ?? '0') >= '5' ? magnitude + 1n : magnitude
  return value < 0 ? -rounded : rounded
}

/** The number that an exact value stands for, as near as a double comes to it. */
export function approximateValue(exact: bigint): number {
  return Number(exact) / 10 ** DECIMALS
}
