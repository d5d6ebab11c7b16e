import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const FOLDER = new URL('../../docs/adr/', import.meta.url)
const INDEX = readFileSync(new URL('README.md', FOLDER), 'utf8')
const records = readdirSync(FOLDER).filter((file) => file !== 'README.md')

const FORM =
  /^# (?<number>\d{4}) .+\nStatus: (?<status>accepted|superseded by \d{4})\. Date: \d{4}-\d{2}-\d{2}\.\n\n## Context\n[\s\S]+\n\n## Decision\n[\s\S]+\n\n## Consequences\n[\s\S]+$/

test('there are decision records', () => {
  expect(records.length).toBeGreaterThan(0)
})

test.each(records)('%s has the form of docs/adr/README.md, and its line there', (file) => {
  const form = FORM.exec(readFileSync(new URL(file, FOLDER), 'utf8'))?.groups
  expect(form, 'write it in the form that docs/adr/README.md shows').toBeDefined()
  expect(file).toMatch(new RegExp(`^${form?.number}-[a-z0-9-]+\\.md$`))
  const line = INDEX.split('\n').find((row) => row.includes(`](${file})`))
  expect(line ?? '', `give ${file} a line in docs/adr/README.md, with its status`).toContain(
    `| ${form?.status} |`,
  )
})
