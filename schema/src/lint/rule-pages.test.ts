import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sampleGraph } from '../testing/sample-graph.ts'
import { lintGraph } from './lint-graph.ts'
import { createOwners } from './owners.ts'
import { renderOptions, renderRules } from './rule-pages.ts'
import { LINT_RULES } from './rules.ts'

const PAGES = new URL('../../docs/lint/', import.meta.url)

function readPage(name: string): string {
  return readFileSync(new URL(`${name}.md`, PAGES), 'utf8')
}

/** The subgraphs of an example, by the name in their first line. */
function exampleOf(page: string, heading: string): Record<string, string> {
  const [, section = ''] = page.split(`\n## ${heading}\n`)
  const fences = section.split('\n## ')[0]?.matchAll(/```graphql\n# subgraph: (\S+)\n([\s\S]*?)\n```/g) ?? []
  return Object.fromEntries([...fences].map(([, name = '', sdl = '']) => [name, sdl]))
}

/** The rules that complain of an example under the recommended setting, where somebody owns everything. */
function complaints(rule: string, example: Record<string, string>): string[] {
  const graph = sampleGraph(example)
  const everything = { rows: [{ pattern: '*', owners: ['@example'] }] }
  const owners = createOwners(graph.subgraphs, rule === 'ownership' ? null : everything)
  return lintGraph(graph, { rules: new Map() }, owners).map(({ code }) => code)
}

describe.each(LINT_RULES.map((rule) => [rule.name, rule] as const))('the page of %s', (name, rule) => {
  const page = readPage(name)

  test('has a bad example that this rule complains of, and no other', () => {
    const found = complaints(name, exampleOf(page, 'Bad example'))
    expect([...new Set(found)]).toEqual([name])
  })

  test('has a good example that no rule complains of', () => {
    const example = exampleOf(page, 'Good example')
    expect(Object.keys(example)).not.toEqual([])
    expect(complaints(name, example)).toEqual([])
  })

  test('says what the registry says', () => {
    expect(page).toContain(`# ${name}\n${rule.summary} Recommended level: ${rule.recommended}.\n`)
    expect(page).toContain(`\n${rule.reason}\n`)
    expect(page).toContain(`\n## What to do\n${rule.advice}\n`)
    expect(page).toContain(`\n## Options\n${renderOptions(rule)}`)
  })
})

test('each rule has a page, each page a rule, and the index lists them', () => {
  const pages = readdirSync(PAGES).map((file) => file.replace('.md', ''))
  expect(pages.sort()).toEqual(['README', ...LINT_RULES.map(({ name }) => name)].sort())
  expect(readPage('README')).toContain(renderRules())
})
