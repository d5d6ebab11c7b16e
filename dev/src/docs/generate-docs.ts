import { writeFileSync } from 'node:fs'
import { CONFIGURATION_REFERENCE, renderConfigurationReference } from './configuration-reference.ts'
import { renderContractSchemas } from './contract-schemas.ts'
import { ERROR_REFERENCE, renderErrorReference } from './error-reference.ts'
import { renderUsageRecordSchema, USAGE_RECORD_SCHEMA } from './usage-record-schema.ts'

const PAGES = [
  [ERROR_REFERENCE, renderErrorReference()],
  [CONFIGURATION_REFERENCE, renderConfigurationReference()],
  [USAGE_RECORD_SCHEMA, renderUsageRecordSchema()],
  ...renderContractSchemas(),
] as const

for (const [page, text] of PAGES) writeFileSync(page, text)
console.log('Wrote docs/errors.md, docs/configuration.md, docs/usage-record.schema.json and schema/contracts')
