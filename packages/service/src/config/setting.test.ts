import { expect, test } from 'vitest'
import { z } from 'zod'
import { datastoreSettings, logLevel } from './config.ts'
import { describeSettings, milliseconds, secretList, setting } from './setting.ts'

test('a variable is described by what it does, what it may be and its default', () => {
  const schema = z.object({
    LOG_LEVEL: logLevel(),
    PAUSE_MS: milliseconds({ about: 'The pause.', min: 1, max: 9, default: 5 }),
    SECRETS: secretList({ about: 'The secrets.' }),
  })
  expect(describeSettings(schema)).toEqual([
    expect.objectContaining({ name: 'LOG_LEVEL', default: 'info', required: false }),
    {
      name: 'PAUSE_MS',
      about: 'The pause.',
      expected: 'whole milliseconds from 1 to 9',
      default: '5',
      required: false,
    },
    expect.objectContaining({ name: 'SECRETS', about: 'The secrets.', default: null, required: true }),
  ])
})

test('a default that depends on another variable is described in words', () => {
  const described = describeSettings(z.object(datastoreSettings('music')))
  expect(described.find(({ name }) => name === 'DATASTORE_URL')).toMatchObject({
    default: 'sqlite:$DATA_DIR/music.db',
    required: false,
  })
})

test('a default of null is a default: the variable may be left out', () => {
  const schema = z.object({
    URL: setting<string | null>({
      about: 'a',
      expected: 'b',
      default: null,
      shownDefault: '',
      read: (raw) => ({ ok: raw }),
    }),
  })
  expect(schema.parse({})).toEqual({ URL: null })
})

test('a variable without a description cannot be left out of the reference', () => {
  const schema = z.object({ HIDDEN: z.string() })
  expect(() => describeSettings(schema)).toThrow('HIDDEN has no description')
  expect(() => describeSettings(z.object({ HIDDEN: logLevel().optional() }))).toThrow('HIDDEN')
})
