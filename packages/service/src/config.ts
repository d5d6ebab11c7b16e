import { z } from 'zod'

/** Every problem of a configuration at once, on one line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`configuration: ${problems.join('; ')}`)
    this.problems = problems
  }
}

/**
 * Parses the environment with a schema keyed by variable names (`z.object({ PORT: port(4001) })`, then
 * `.transform` to the service's own shape) and freezes the result, deeply.
 * @throws ConfigError that lists every problem as `NAME: what is wrong (what to set)`
 */
export function parseConfig<T>(schema: z.ZodType<T>, env: Readonly<Record<string, string | undefined>>): T {
  const parsed = schema.safeParse({ ...env })
  if (parsed.success) return deepFreeze(parsed.data)
  throw new ConfigError(
    parsed.error.issues.map((issue) => {
      const name = issue.path.map(String).join('.')
      return name === '' ? issue.message : `${name}: ${issue.message}`
    }),
  )
}

/**
 * The development launcher marks what it generates with `dev-`; production refuses to start with that.
 * @param secrets by variable name
 * @throws ConfigError that names each of them, never their values
 */
export function refuseDevelopmentSecrets(
  secrets: Readonly<Record<string, string | readonly string[] | undefined>>,
  nodeEnv: NodeEnv,
): void {
  if (nodeEnv !== 'production') return
  const problems = Object.entries(secrets)
    .filter(([, value]) => [value ?? []].flat().some((secret) => secret.startsWith('dev-')))
    .map(([name]) => `${name}: is a development secret (set one of your own in production)`)
  if (problems.length > 0) throw new ConfigError(problems)
}

type Read<T> = { ok: T } | { wrong: string }

/**
 * One variable. An empty value is a problem, never the default: whoever wrote `PORT=` meant something.
 * `echo` shows the value in the message; only for what can hold no credential.
 */
function variable<T>(options: { expected: string; echo: boolean; fallback?: T; read(raw: string): Read<T> }) {
  return z
    .unknown()
    .optional()
    .transform((raw, context): T => {
      const fail = (wrong: string) => {
        context.addIssue({ code: 'custom', message: `${wrong} (set ${options.expected})` })
        return z.NEVER
      }
      if (raw === undefined) return options.fallback === undefined ? fail('is not set') : options.fallback
      if (typeof raw !== 'string' || raw.trim() === '') return fail('is empty')
      const result = options.read(raw.trim())
      if ('ok' in result) return result.ok
      return fail(options.echo ? `"${raw.slice(0, 40)}" ${result.wrong}` : result.wrong)
    })
}

type NumberOptions = { min: number; max: number; default?: number }

function wholeNumber(options: NumberOptions, what: string) {
  const { min, max, default: fallback } = options
  return variable<number>({
    expected: `${what} from ${min} to ${max}`,
    echo: true,
    ...(fallback === undefined ? {} : { fallback }),
    read(raw) {
      if (!/^-?\d{1,15}$/.test(raw)) return { wrong: 'is not a whole number' }
      const value = Number(raw)
      return value < min || value > max ? { wrong: 'is out of range' } : { ok: value }
    },
  })
}

/** A TCP port; 0 lets the system choose. */
export function port(fallback?: number) {
  return wholeNumber(
    { min: 0, max: 65_535, ...(fallback === undefined ? {} : { default: fallback }) },
    'a port',
  )
}

/** A duration in whole milliseconds. */
export function milliseconds(options: NumberOptions) {
  return wholeNumber(options, 'whole milliseconds')
}

/** A limit or a size. */
export function count(options: NumberOptions) {
  return wholeNumber(options, 'a whole number')
}

/** Free text such as a host name, a path or a datastore URL; `expected` completes "set …". */
export function text(options: { expected: string; default?: string }) {
  const { expected, default: fallback } = options
  return variable<string>({
    expected,
    echo: false,
    ...(fallback === undefined ? {} : { fallback }),
    read: (raw) => ({ ok: raw }),
  })
}

/** An absolute http(s) URL, without a slash at its end. */
export function httpUrl(fallback?: string) {
  return variable<string>({
    expected: 'an absolute http:// or https:// URL',
    echo: false,
    ...(fallback === undefined ? {} : { fallback }),
    read(raw) {
      const url = URL.parse(raw)
      if (url === null) return { wrong: 'is not a URL' }
      if (url.protocol !== 'http:' && url.protocol !== 'https:') return { wrong: 'is not an http URL' }
      return { ok: raw.replace(/\/+$/, '') }
    },
  })
}

const MIN_SECRET_LENGTH = 16

/** One secret, or two during a rotation, separated by a comma; the first is the one to send. */
export function secretList() {
  return variable<readonly string[]>({
    expected: `one secret, or two separated by a comma during a rotation, each of at least ${MIN_SECRET_LENGTH} characters`,
    echo: false,
    read(raw) {
      const secrets = raw.split(',').map((secret) => secret.trim())
      if (secrets.length > 2) return { wrong: `holds ${secrets.length} secrets` }
      if (secrets.some((secret) => secret.length < MIN_SECRET_LENGTH)) return { wrong: 'is too short' }
      return { ok: secrets }
    },
  })
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** One of pino's levels, `info` by default. */
export function logLevel(fallback: LogLevel = 'info') {
  return oneOf(LOG_LEVELS, 'is not a log level', fallback)
}

const NODE_ENVS = ['development', 'test', 'production'] as const
export type NodeEnv = (typeof NODE_ENVS)[number]

/** `NODE_ENV`; a misspelt "production" must not switch off what only production refuses. */
export function nodeEnv() {
  return oneOf(NODE_ENVS, 'is not an environment', 'development')
}

function oneOf<T extends string>(values: readonly T[], wrong: string, fallback: T) {
  return variable<T>({
    expected: `one of ${values.join(', ')}`,
    echo: true,
    fallback,
    read(raw) {
      const value = values.find((known) => known === raw)
      return value === undefined ? { wrong } : { ok: value }
    },
  })
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}
