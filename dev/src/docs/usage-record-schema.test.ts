import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { renderUsageRecordSchema, USAGE_RECORD_SCHEMA } from './usage-record-schema.ts'

test('docs/usage-record.schema.json describes the records that the gateway writes', () => {
  const committed = readFileSync(USAGE_RECORD_SCHEMA, 'utf8')
  expect(committed, 'stale: run `npm run docs`').toBe(renderUsageRecordSchema())
})
