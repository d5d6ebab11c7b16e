import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { renderContractSchemas } from './contract-schemas.ts'

const schemas = renderContractSchemas()

test.each(schemas)('%s describes what the services read', (path, text) => {
  expect(readFileSync(path, 'utf8'), 'stale: run `npm run docs`').toBe(text)
})

test('the folder has no other files', () => {
  const names = schemas.map(([path]) => path.pathname.split('/').at(-1))
  expect(readdirSync(new URL('.', schemas[0]?.[0])).sort()).toEqual(names.sort())
})
