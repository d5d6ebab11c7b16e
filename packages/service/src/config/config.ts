import type { z } from 'zod'
import { milliseconds, oneOf, parsed, port, secretList, setting, text } from './setting.ts'

/** The environment as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Lists every problem of a configuration, on one line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`configuration: ${problems.join('; ')}`)
    this.problems = problems
  }
}

/**
 * Parses the environment with a schema keyed by variable names (see `setting.ts`) and freezes the result, deeply.
 * @throws ConfigError that lists every problem as `NAME: what is wrong (what to set)`
 */
export function parseConfig<T>(schema: z.ZodType<T>, env: Environment): T {
  const parsed = schema.safeParse({ ...env })
  if (parsed.success) return deepFreeze(parsed.data)
  throw new ConfigError(
    parsed.error.issues.map((issue) => {
      const name = issue.path.map(String).join('.')
      return name === '' ? issue.message : `${name}: ${issue.message}`
    }),
  )
}

/** @throws ConfigError that lists the problems, where there are any */
export function refuseProblems(problems: readonly string[]): void {
  if (problems.length > 0) throw new ConfigError(problems)
}

/**
 * The development launcher marks what it generates with `dev-`; production must not start with that.
 * @param secrets by variable name
 * @returns a problem for each variable that holds one, with its name and never its value
 */
export function developmentSecrets(
  secrets: Readonly<Record<string, string | readonly string[] | undefined>>,
  nodeEnv: NodeEnv,
): readonly string[] {
  if (nodeEnv !== 'production') return []
  return Object.entries(secrets)
    .filter(([, value]) => [value ?? []].flat().some((secret) => secret.startsWith('dev-')))
    .map(([name]) => `${name}: is a development secret (set one of your own in production)`)
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

const NODE_ENVS = ['development', 'test', 'production'] as const
type NodeEnv = (typeof NODE_ENVS)[number]

/** `NODE_ENV`. A misspelt "production" is refused, since it would switch off the checks of production. */
export function nodeEnv(): z.ZodType<NodeEnv> {
  return oneOf(NODE_ENVS, {
    about:
      '`production` refuses secrets and key ids that begin with `dev-`, and switches introspection off in the subgraphs.',
    wrong: 'is not an environment',
    default: 'development',
  })
}

export function logLevel(): z.ZodType<LogLevel> {
  return oneOf(LOG_LEVELS, {
    about: 'The least severe log lines that are written, as JSON on standard output.',
    wrong: 'is not a log level',
    default: 'info',
  })
}

/** The variables that every service has. */
export function serviceSettings(options: { readonly port: number }) {
  return {
    NODE_ENV: nodeEnv(),
    LOG_LEVEL: logLevel(),
    HOST: text({
      about: 'The address to listen on.',
      expected: 'an address to listen on',
      default: '127.0.0.1',
    }),
    PORT: port({ about: 'The port to listen on; 0 lets the system choose.', default: options.port }),
    DRAIN_TIMEOUT_MS: milliseconds({
      about: 'How long SIGTERM waits for requests that are under way.',
      min: 0,
      max: 600_000,
      default: 10_000,
    }),
  }
}

/** The variables that say where a subgraph keeps its data. */
export function datastoreSettings(subgraph: string) {
  return {
    DATA_DIR: text({
      about: 'The folder of the embedded datastore.',
      expected: 'a folder that this process may write',
      default: '.data',
    }),
    DATASTORE_URL: setting<string | null>({
      about: 'The datastore. Its MongoDB must be a replica set; one node will do.',
      expected: 'sqlite:PATH or mongodb://HOST:27017/DATABASE?replicaSet=rs0',
      default: null,
      shownDefault: `sqlite:$DATA_DIR/${subgraph}.db`,
      // Its form is for the datastore to judge, when it opens.
      read: (raw) => ({ ok: raw }),
    }),
  }
}

/** The datastore URL that the settings of `datastoreSettings` mean. */
export function datastoreUrl(
  subgraph: string,
  settings: { readonly DATA_DIR: string; readonly DATASTORE_URL: string | null },
): string {
  return settings.DATASTORE_URL ?? `sqlite:${settings.DATA_DIR}/${subgraph}.db`
}

/** The secrets by which a subgraph knows its gateway. */
export function gatewaySecrets() {
  return secretList({
    about: 'What the gateway sends; GraphQL requests without one of them are refused.',
  })
}

/** The public keys by which a subgraph knows identities that its gateway has signed. */
export function identityPublicKeys<Keys>(parse: (raw: string) => Keys) {
  return parsed({
    about: 'Public keys of the identities that the gateway signs, as `keyId:base64url`, separated by commas.',
    expected: 'keyId:key, the public keys that identities are signed with',
    parse,
  })
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}
