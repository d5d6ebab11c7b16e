import { expect, test } from 'vitest'
import { z } from 'zod'
import { ConfigError, developmentSecrets, logLevel, nodeEnv, parseConfig, refuseProblems } from './config.ts'
import { count, httpUrl, milliseconds, port, secretList, share, text } from './setting.ts'

const about = 'What it does.'
const schema = z
  .object({
    PORT: port({ about, default: 4001 }),
    DEADLINE_MS: milliseconds({ about, min: 10, max: 60_000, default: 150 }),
    QUEUE: count({ about, min: 1, max: 1_000_000, default: 10_000 }),
    INGEST_URL: httpUrl({ about }),
    HOST: text({ about, expected: 'an address', default: '127.0.0.1' }),
    SECRET: secretList({ about }),
    LOG_LEVEL: logLevel(),
    NODE_ENV: nodeEnv(),
  })
  .transform((env) => ({ http: { port: env.PORT, host: env.HOST }, secrets: env.SECRET, env }))

const valid = { INGEST_URL: 'http://localhost:4002/', SECRET: 'a-secret-of-some-length' }

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    parseConfig(schema, env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test('what is not set takes its default, and the rest of the environment is ignored', () => {
  const config = parseConfig(schema, { ...valid, HOME: '/root' })
  expect(config.http).toEqual({ port: 4001, host: '127.0.0.1' })
  expect(config.env).toMatchObject({
    DEADLINE_MS: 150,
    QUEUE: 10_000,
    LOG_LEVEL: 'info',
    NODE_ENV: 'development',
  })
  expect(config.env.INGEST_URL).toBe('http://localhost:4002')
})

test('every problem is reported at once, each with its name and what to set', () => {
  const problems = problemsOf({ PORT: '70000', DEADLINE_MS: '1s', LOG_LEVEL: 'loud', NODE_ENV: 'Production' })
  expect(problems).toEqual([
    'PORT: "70000" is out of range (set a port from 0 to 65535)',
    'DEADLINE_MS: "1s" is not a whole number (set whole milliseconds from 10 to 60000)',
    'INGEST_URL: is not set (set an absolute http:// or https:// URL)',
    'SECRET: is not set (set one secret, or two separated by a comma during a rotation, each of at least 16 characters)',
    'LOG_LEVEL: "loud" is not a log level (set one of trace, debug, info, warn, error, fatal, silent)',
    'NODE_ENV: "Production" is not an environment (set one of development, test, production)',
  ])
})

test('all problems stand on one line', () => {
  expect(() => parseConfig(schema, { PORT: 'x' })).toThrow(
    /^configuration: PORT: .*; INGEST_URL: .*; SECRET: [^\n]*$/,
  )
})

test.each(['', '  ', '4001.5', '0x10', '-1', '1e3', 'NaN'])('"%s" is not taken for a port', (PORT) => {
  expect(problemsOf({ ...valid, PORT })).toHaveLength(1)
})

test.each(['not a url', 'ftp://host', '/path'])('"%s" is not an http URL', (INGEST_URL) => {
  expect(problemsOf({ ...valid, INGEST_URL })).toHaveLength(1)
})

test('a secret never appears in a message', () => {
  const problems = problemsOf({ ...valid, SECRET: 'short-secret' })
  expect(problems.join()).toContain('SECRET: is too short')
  expect(problems.join()).not.toContain('short-secret')
})

test('two secrets are accepted during a rotation, three are not', () => {
  const secrets = ['first-secret-0001', 'second-secret-002', 'third-secret-0003']
  expect(parseConfig(schema, { ...valid, SECRET: secrets.slice(0, 2).join(', ') }).secrets).toEqual(
    secrets.slice(0, 2),
  )
  expect(problemsOf({ ...valid, SECRET: secrets.join(',') })).toHaveLength(1)
  expect(problemsOf({ ...valid, SECRET: `${secrets[0]},` })).toHaveLength(1)
})

test('the result is frozen to its depth', () => {
  const config = parseConfig(schema, valid)
  expect(Object.isFrozen(config) && Object.isFrozen(config.http) && Object.isFrozen(config.secrets)).toBe(
    true,
  )
})

test('production refuses what the development launcher generated, development does not', () => {
  const secrets = {
    A_SECRET: ['dev-0123456789abcdef'],
    B_SECRET: ['0123456789abcdef', 'dev-x'],
    C_KEY: 'own',
  }
  expect(developmentSecrets(secrets, 'development')).toEqual([])
  expect(developmentSecrets(secrets, 'test')).toEqual([])
  expect(developmentSecrets(secrets, 'production')).toEqual([
    'A_SECRET: is a development secret (set one of your own in production)',
    'B_SECRET: is a development secret (set one of your own in production)',
  ])
})

test('problems are refused together, and none is no reason', () => {
  expect(() => refuseProblems(['A: is wrong', 'B: is too'])).toThrow('configuration: A: is wrong; B: is too')
  expect(() => refuseProblems([])).not.toThrow()
})

test.each([
  ['0', 0],
  ['0.015', 0.015],
  ['1', 1],
])('"%s" is a share', (RATE, value) => {
  expect(parseConfig(z.object({ RATE: share({ about }) }), { RATE })).toEqual({ RATE: value })
})

test.each(['1.01', '-0.1', '1e-2', '1%', '.5'])('"%s" is not taken for a share', (RATE) => {
  expect(() => parseConfig(z.object({ RATE: share({ about }) }), { RATE })).toThrow(
    '(set a number from 0 to 1)',
  )
})
