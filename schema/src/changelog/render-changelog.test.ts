import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostileText } from '../testing/hostile-text.ts'
import { htmlOfMarkdown } from '../testing/report-readers.ts'
import { sampleFinding } from '../testing/sample-report.ts'
import { renderChangelog } from './render-changelog.ts'

const NAMES = { base: 'v1', head: 'v2' }

test('changes stand in chapters by what readers look for, then by subgraph and type', () => {
  const text = renderChangelog(
    [
      sampleFinding({ message: '`Item.title` was removed.' }),
      sampleFinding({ message: 'The argument was removed.', coordinate: 'Query.items(first:)' }),
      sampleFinding({
        message: 'It was unused.',
        coordinate: 'Color.MAUVE',
        grade: 'DANGEROUS',
        downgradedFrom: 'BREAKING',
      }),
      sampleFinding({
        message: 'Deprecated.',
        code: 'DEPRECATION_ADDED',
        grade: 'SAFE',
        coordinate: 'Item.old',
      }),
      sampleFinding({ message: 'A value was added.', grade: 'DANGEROUS', coordinate: 'Color.PINK' }),
      sampleFinding({ message: 'Added.', grade: 'SAFE', coordinate: 'Item.new', subgraphs: ['a', 'b'] }),
      sampleFinding({ message: 'Directive added.', grade: 'SAFE', coordinate: '@hot', subgraphs: [] }),
      sampleFinding({ message: 'Not a change.', section: 'lint' }),
    ],
    NAMES,
  )
  expect(text).toBe(`# Schema changes from v1 to v2

7 changes. Breaking: 2. Breaking but unused: 1. Deprecations: 1. Dangerous: 1. Safe: 2.

## Breaking

### catalogue

* \`Item\`
  * \`Item.title\` was removed. Operations that select it become invalid.
* \`Query\`
  * The argument was removed. Operations that select it become invalid.

## Breaking but unused

### catalogue

* \`Color\`
  * It was unused. Operations that select it become invalid.

## Deprecations

### catalogue

* \`Item\`
  * Deprecated.

## Dangerous

### catalogue

* \`Color\`
  * A value was added. Operations that select it become invalid.

## Safe

### The whole graph

* \`@hot\`
  * Directive added.

### a, b

* \`Item\`
  * Added.
`)
})

test('no changes are said, not left out', () => {
  expect(renderChangelog([], NAMES)).toBe('# Schema changes from v1 to v2\n\nNothing changed.\n')
})

test('what others wrote is text in a changelog too', () => {
  const tags = (html: string) => (html.match(/<[^>]*>/g) ?? []).filter((tag) => !/^<\/?(br|code)>$/.test(tag))
  const hostile = (text: string) =>
    renderChangelog(
      [sampleFinding({ message: `${text} end`, reason: text, coordinate: `T.${text}`, subgraphs: [text] })],
      { base: text, head: text },
    )
  const expected = tags(htmlOfMarkdown(hostile('x')))
  fc.assert(
    fc.property(hostileText(), (text) => {
      expect(tags(htmlOfMarkdown(hostile(text)))).toEqual(expected)
    }),
  )
})
