import { expect, test } from 'vitest'
import { loadConfig } from './config.ts'

const SECRET = 'a-secret-of-the-gateway'

test('defaults suit a development machine', () => {
  const config = loadConfig({ GATEWAY_SECRET: SECRET })
  expect(config).toMatchObject({ port: 4000, host: '127.0.0.1', deadlines: { entityMs: 150, rootMs: 5_000 } })
})

test('every problem is reported at once', () => {
  expect(() => loadConfig({ PORT: 'http', ENTITY_DEADLINE_MS: '-1' })).toThrow(
    /PORT.*ENTITY_DEADLINE_MS.*GATEWAY_SECRET|PORT.*GATEWAY_SECRET.*ENTITY_DEADLINE_MS/,
  )
})

test('production refuses the launcher’s secret', () => {
  expect(() => loadConfig({ NODE_ENV: 'production', GATEWAY_SECRET: `dev-${SECRET}` })).toThrow(
    'GATEWAY_SECRET',
  )
})

test('a misspelt NODE_ENV is refused, so that it cannot let the launcher’s secret pass', () => {
  expect(() => loadConfig({ NODE_ENV: 'Production', GATEWAY_SECRET: `dev-${SECRET}` })).toThrow(
    'NODE_ENV: "Production" is not an environment',
  )
})
