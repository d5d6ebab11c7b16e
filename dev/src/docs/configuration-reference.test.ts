import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CONFIGURATION_REFERENCE, renderConfigurationReference } from './configuration-reference.ts'

test('docs/configuration.md lists the variables that the services read', () => {
  const page = renderConfigurationReference()
  expect(readFileSync(CONFIGURATION_REFERENCE, 'utf8'), 'stale: run `npm run docs`').toBe(page)
  expect(page).toContain('| `ENTITY_DEADLINE_MS` | `150` |')
  expect(page).toContain('| `GATEWAY_SECRETS` | required |')
})
