import { expect, test } from 'vitest'
import { datastoreUrl } from './environment.ts'
import { parseOptions, START } from './options.ts'

test('without arguments it is embedded SQLite under .data, on ports 4000 to 4002, with the demo', () => {
  expect(parseOptions(START, [], {})).toEqual({
    type: 'command',
    command: {
      ports: { gateway: 4000, personalization: 4001, experimentation: 4002 },
      dataDir: '.data',
      mongodbUrl: null,
      demo: true,
    },
  })
})

test.each([
  [['--port', 'http'], /--port .*'http'/],
  [['--port', '65535'], /--port .*'65535'/],
  [['--mongodb', 'postgres://x'], /mongodb:\/\//],
  [['--mongodb'], /--mongodb/],
  [['--fast'], /--fast/],
  [['extra'], /extra/],
])('%j is refused with what to do', (args, message) => {
  const parsed = parseOptions(START, args, {})
  expect(parsed).toMatchObject({ type: 'refused', message: expect.stringMatching(message) })
  expect(parsed).toMatchObject({ message: expect.stringContaining('--help') })
})

test.each([
  [['--mongodb', 'mongodb://u:hush/pw@h:1/db']],
  [['--mongodb', 'mongodb://u:1/hush@h']],
  [['--mongodb', 'mongodb://u:1?hush@h/db']],
  [['--mongodb', 'postgres://u:hush@h/db']],
  [['mongodb://u:hush@h/db']],
  [['--port', 'mongodb://u:hush@h/db']],
  [['--port=mongodb://u:hush@h/db']],
  [['--mongo=mongodb://u:hush@h/db']],
])('%j is refused without its password', (args) => {
  const parsed = parseOptions(START, args, {})
  expect(parsed).toMatchObject({ type: 'refused', message: expect.not.stringContaining('hush') })
})

test('an empty DATA_DIR is refused, not taken for the root', () => {
  expect(parseOptions(START, [], { DATA_DIR: '' })).toMatchObject({ type: 'refused' })
})

test.each([
  ['mongodb://127.0.0.1:27017', 'mongodb://127.0.0.1:27017/bulkhead_personalization'],
  ['mongodb://a:1,b:2/?replicaSet=rs0', 'mongodb://a:1,b:2/bulkhead_personalization?replicaSet=rs0'],
  ['mongodb://u:p@h:1/other?authSource=admin', 'mongodb://u:p@h:1/bulkhead_personalization?authSource=admin'],
])('%s gives each subgraph a database of its own', (mongodbUrl, expected) => {
  expect(datastoreUrl('personalization', { dataDir: '.data', mongodbUrl })).toBe(expected)
})

test.each([
  { npm_config_port: '5000' },
  { npm_config_demo: '' },
  { npm_config_mongodb: 'mongodb://user:secret@host/' },
])('options that npm took for itself are not lost: %j', (env) => {
  const parsed = parseOptions(START, [], env)
  expect(parsed).toMatchObject({
    type: 'refused',
    message: expect.stringContaining('after --, as in npm start -- --'),
  })
  expect(JSON.stringify(parsed)).not.toContain('secret')
})
