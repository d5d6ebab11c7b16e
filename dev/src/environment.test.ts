import { expect, test } from 'vitest'
import { developmentIdentity } from './environment.ts'
import { generateDevelopmentSecrets } from './secrets.ts'

const secrets = generateDevelopmentSecrets()
const tokens = { DEV_TOKEN_SECRET: secrets.tokenSecret }

test.each([{}, { NODE_ENV: 'development' }, { HOST: '127.0.0.1' }, { HOST: 'localhost' }, { HOST: '::1' }])(
  "on a machine of one developer requests without a token are the developer's: %j",
  (env) => {
    expect(developmentIdentity(env, secrets)).toEqual({
      ...tokens,
      NODE_ENV: 'development',
      DEV_IDENTITY: 'dev',
    })
  },
)

test.each(['0.0.0.0', '::', '192.168.0.7', 'bulkhead.example'])(
  'where others can reach the gateway, at %s, only tokens are accepted',
  (HOST) => {
    expect(developmentIdentity({ HOST }, secrets)).toEqual(tokens)
  },
)

test.each(['production', 'test'])('NODE_ENV=%s has neither', (NODE_ENV) => {
  expect(developmentIdentity({ NODE_ENV }, secrets)).toEqual({})
})
