import { InvalidArgumentError } from 'commander'
import { z } from 'zod'

/** Readers of options' values, for Commander's `argParser`: each throws InvalidArgumentError, which says what is expected. */

/** A whole number between bounds, both included. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    const bounds = max === Number.MAX_SAFE_INTEGER ? `from ${min} on` : `from ${min} to ${max}`
    throw new InvalidArgumentError(`It is not a whole number ${bounds}.`)
  }
}

export function finiteNumber(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It is not a number.')
  return value
}

/** Epoch milliseconds of an ISO 8601 time with an offset. */
export function instant(text: string): number {
  const time = z.iso.datetime({ offset: true }).safeParse(text)
  if (!time.success) throw new InvalidArgumentError('It is not a time such as 2026-01-31T00:00:00Z.')
  return Date.parse(time.data)
}
