import { z } from 'zod'

/** What the configuration reference says of one environment variable. */
type SettingDescription = {
  /** What it does, for an operator. */
  readonly about: string
  /** Completes "set …". */
  readonly expected: string
  /** As one would write it; null where there is none. */
  readonly default: string | null
  readonly required: boolean
}

const descriptions = z.registry<SettingDescription>()

/**
 * The variables of a schema with their descriptions, in the schema's order.
 * @throws Error for a variable that was not made by `setting`: it would be missing from the reference
 */
export function describeSettings(
  schema: z.ZodObject,
): readonly (SettingDescription & { readonly name: string })[] {
  return Object.entries(schema.shape).map(([name, variable]) => {
    const description = descriptions.get(variable)
    if (description === undefined) throw new Error(`${name} has no description: make it with \`setting\``)
    return { name, ...description }
  })
}

type Read<T> = { readonly ok: T } | { readonly wrong: string }

type SettingOptions<T> = {
  readonly about: string
  readonly expected: string
  /** What the variable is where it is not set; without it the variable is required. */
  readonly default?: T
  /** How the reference shows the default; `String(default)` where it is left out. */
  readonly shownDefault?: string
  /** Shows the value in the message; only for what can hold no credential. */
  readonly echo?: boolean
  readonly read: (raw: string) => Read<T>
}

/**
 * One environment variable, for `z.object({ NAME: setting(…) })`. An empty value is a problem and not the default, since
 * `PORT=` is most likely a mistake.
 */
export function setting<T>(options: SettingOptions<T>): z.ZodType<T> {
  const { about, expected, shownDefault } = options
  const required = !('default' in options)
  const schema = z
    .unknown()
    .optional()
    .transform((raw, context): T => {
      function fail(wrong: string) {
        context.addIssue({ code: 'custom', message: `${wrong} (set ${expected})` })
        return z.NEVER
      }
      if (raw === undefined) return 'default' in options ? (options.default as T) : fail('is not set')
      if (typeof raw !== 'string' || raw.trim() === '') return fail('is empty')
      const result = options.read(raw.trim())
      if ('ok' in result) return result.ok
      return fail(options.echo ? `"${raw.slice(0, 40)}" ${result.wrong}` : result.wrong)
    })
  const shown = shownDefault ?? (required ? null : String(options.default))
  descriptions.add(schema, { about, expected, default: shown, required })
  return schema
}

type NumberOptions = Pick<SettingOptions<number>, 'about' | 'default' | 'shownDefault'> & {
  readonly min: number
  readonly max: number
}

function wholeNumber(options: NumberOptions, what: string): z.ZodType<number> {
  const { min, max } = options
  return setting({
    ...options,
    expected: `${what} from ${min} to ${max}`,
    echo: true,
    read(raw) {
      if (!/^-?\d{1,15}$/.test(raw)) return { wrong: 'is not a whole number' }
      const value = Number(raw)
      return value < min || value > max ? { wrong: 'is out of range' } : { ok: value }
    },
  })
}

/** A TCP port; 0 lets the system choose. */
export function port(options: { readonly about: string; readonly default?: number }): z.ZodType<number> {
  return wholeNumber({ ...options, min: 0, max: 65_535 }, 'a port')
}

/** A duration in whole milliseconds. */
export function milliseconds(options: NumberOptions): z.ZodType<number> {
  return wholeNumber(options, 'whole milliseconds')
}

/** A limit or a size. */
export function count(options: NumberOptions): z.ZodType<number> {
  return wholeNumber(options, 'a whole number')
}

/** A part of a whole, such as 0.01. */
export function share(options: Pick<SettingOptions<number>, 'about' | 'default'>): z.ZodType<number> {
  return setting({
    ...options,
    expected: 'a number from 0 to 1',
    echo: true,
    read(raw) {
      if (!/^\d+(\.\d+)?$/.test(raw)) return { wrong: 'is not a number' }
      const value = Number(raw)
      return value > 1 ? { wrong: 'is out of range' } : { ok: value }
    },
  })
}

/** Free text such as a host name or a path. */
export function text(options: Omit<SettingOptions<string>, 'read' | 'echo'>): z.ZodType<string> {
  return setting({ ...options, read: (raw) => ({ ok: raw }) })
}

/** An absolute http(s) URL, without a slash at its end. */
export function httpUrl(options: { readonly about: string; readonly default?: string }): z.ZodType<string> {
  return setting({ ...options, expected: HTTP_URL, read: readHttpUrl })
}

/** The same; null where it is not set. */
export function optionalHttpUrl(options: { readonly about: string }): z.ZodType<string | null> {
  return setting<string | null>({ ...options, ...OPTIONAL, expected: HTTP_URL, read: readHttpUrl })
}

/** Text of at least one character; null where it is not set. */
export function optionalText(options: {
  readonly about: string
  readonly expected: string
}): z.ZodType<string | null> {
  return setting<string | null>({ ...options, ...OPTIONAL, read: (raw) => ({ ok: raw }) })
}

/** What `parse` makes of the text. The message of its error, which must not hold a secret, says what is wrong. */
export function parsed<T>(options: {
  readonly about: string
  readonly expected: string
  readonly parse: (raw: string) => T
}): z.ZodType<T> {
  const { parse, ...rest } = options
  return setting<T>({
    ...rest,
    read(raw) {
      try {
        return { ok: parse(raw) }
      } catch (error) {
        return { wrong: error instanceof Error ? error.message : String(error) }
      }
    },
  })
}

const OPTIONAL = { default: null, shownDefault: 'not set' }
const HTTP_URL = 'an absolute http:// or https:// URL'

function readHttpUrl(raw: string): Read<string> {
  const url = URL.parse(raw)
  if (url === null) return { wrong: 'is not a URL' }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { wrong: 'is not an http URL' }
  return { ok: raw.replace(/\/+$/, '') }
}

/** Of every secret that a setting may hold, in characters. */
export const MIN_SECRET_LENGTH = 16

/** One secret, or two during a rotation, separated by a comma; the first is the one to send. */
export function secretList(options: { readonly about: string }): z.ZodType<readonly string[]> {
  return setting<readonly string[]>({
    ...options,
    expected: `one secret, or two separated by a comma during a rotation, each of at least ${MIN_SECRET_LENGTH} characters`,
    read(raw) {
      const secrets = raw.split(',').map((secret) => secret.trim())
      if (secrets.length > 2) return { wrong: `holds ${secrets.length} secrets` }
      if (secrets.some((secret) => secret.length < MIN_SECRET_LENGTH)) return { wrong: 'is too short' }
      return { ok: secrets }
    },
  })
}

/** One of a few words. @param options.wrong completes `"value" …` in the message */
export function oneOf<const T extends string>(
  values: readonly T[],
  options: { readonly about: string; readonly wrong: string; readonly default: T },
): z.ZodType<T> {
  const { about, wrong } = options
  return setting<T>({
    about,
    expected: `one of ${values.join(', ')}`,
    echo: true,
    default: options.default,
    read(raw) {
      const value = values.find((known) => known === raw)
      return value === undefined ? { wrong } : { ok: value }
    },
  })
}
