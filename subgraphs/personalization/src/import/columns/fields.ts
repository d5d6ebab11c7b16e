import { identifierSchema } from '@bulkhead/contracts'
import { z } from 'zod'

/** A field's value, or what is wrong with it; the problem completes "line N …". */
export type Field<Value> = { readonly value: Value } | { readonly problem: string }

const SHOWN_CHARACTERS = 40
/** The number of digits tells seconds from milliseconds; both ranges are March 1973 to the year 5138. */
const UNIX_SECONDS = /^\d{9,11}(\.\d+)?$/
const UNIX_MILLISECONDS = /^\d{12,14}$/
const instantSchema = z.union([z.iso.datetime({ offset: true }), z.iso.date()])
/** As databases and data frames write an instant; it names no zone, and is read as UTC. */
const WITHOUT_ZONE = /^\d{4}-\d\d-\d\d [\d:.]+$/

/** A piece of the file, shortened for a message. */
export function shown(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `"${text.slice(0, SHOWN_CHARACTERS).toWellFormed()}…"` : `"${text}"`
}

export function identifierField(name: string, text: string): Field<string> {
  const parsed = identifierSchema.safeParse(text)
  if (parsed.success) return { value: parsed.data }
  return { problem: text === '' ? `has no ${name}` : `has a ${name} of more than 256 characters` }
}

export function numberField(name: string, text: string): Field<number> {
  const value = Number(text)
  return text !== '' && Number.isFinite(value)
    ? { value }
    : { problem: `has a ${name} that is no number: ${shown(text)}` }
}

export function flagField(name: string, text: string): Field<boolean> {
  const word = text.toLowerCase()
  if (['true', 'yes', '1'].includes(word)) return { value: true }
  if (['false', 'no', '0'].includes(word)) return { value: false }
  return { problem: `has ${shown(text)} as ${name}: write true or false` }
}

/** Epoch milliseconds from RFC 3339, `2026-01-31 12:00:00` (UTC), a date (midnight UTC), or Unix seconds or milliseconds. */
export function instantField(name: string, text: string): Field<number> {
  if (UNIX_SECONDS.test(text)) return { value: Math.round(Number(text) * 1000) }
  if (UNIX_MILLISECONDS.test(text)) return { value: Number(text) }
  const instant = WITHOUT_ZONE.test(text) ? `${text.replace(' ', 'T')}Z` : text
  if (instantSchema.safeParse(instant).success) return { value: Date.parse(instant) }
  return {
    problem: `has ${shown(text)} as ${name}: write 2026-01-31T12:00:00Z, 2026-01-31, or Unix seconds or milliseconds`,
  }
}
