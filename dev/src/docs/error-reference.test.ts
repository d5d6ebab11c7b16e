import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ERROR_REFERENCE, renderErrorReference } from './error-reference.ts'

test('docs/errors.md lists the codes that the services have', () => {
  expect(readFileSync(ERROR_REFERENCE, 'utf8'), 'stale: run `npm run docs`').toBe(renderErrorReference())
})
