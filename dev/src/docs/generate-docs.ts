import { writeFileSync } from 'node:fs'
import { CONFIGURATION_REFERENCE, renderConfigurationReference } from './configuration-reference.ts'
import { ERROR_REFERENCE, renderErrorReference } from './error-reference.ts'

const PAGES = [
  [ERROR_REFERENCE, renderErrorReference()],
  [CONFIGURATION_REFERENCE, renderConfigurationReference()],
] as const

for (const [page, text] of PAGES) writeFileSync(page, text)
console.log('Wrote docs/errors.md and docs/configuration.md')
