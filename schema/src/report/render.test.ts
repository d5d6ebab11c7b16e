import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Problem } from '../model/cannot-check.ts'
import type { JudgedFinding } from '../model/finding.ts'
import { hostileText } from '../testing/hostile-text.ts'
import {
  elementsOf,
  faultsOfJson,
  faultsOfSarif,
  htmlOfMarkdown,
  parseXml,
} from '../testing/report-readers.ts'
import { reportOf, sampleFinding, sampleReport } from '../testing/sample-report.ts'
import { COMMENT_MARKER } from './markdown.ts'
import { FORMATS, type Format, renderProblems, renderReport } from './render.ts'

const PLAIN = { colors: false }
const FAILING = sampleReport()
const CLEAN = reportOf([])
const PROBLEMS: readonly Problem[] = [
  {
    message: 'Unknown key chekc',
    expected: 'one of check, subgraphs',
    location: { file: 'supergraph.yaml', line: 3, column: 1 },
  },
  { message: 'There is no ref origin/mian', expected: 'a ref that git knows', location: null },
]

function hostileFinding(text: string): JudgedFinding {
  return sampleFinding({
    message: text,
    reason: text,
    coordinate: text,
    code: text,
    subgraphs: [text],
    owners: [text],
    location: { file: text, line: 1, column: 1 },
    affected: [{ name: text, id: text, clients: [text], count: 1, lastSeen: '2026-11-20T10:00:00Z' }],
    key: text,
  })
}

function hostileReport(text: string) {
  const excuse = { type: 'approved', by: text, reason: text, expires: '2026-12-31' } as const
  const report = reportOf([
    hostileFinding(text),
    { ...hostileFinding(text), fails: false, excuse },
    { ...hostileFinding(text), fails: false, grade: 'DANGEROUS' },
  ])
  return {
    ...report,
    base: text,
    head: text,
    sections: report.sections.map((section) => ({ ...section, summary: text })),
  }
}

/** Problems that quote what others wrote. */
function hostileProblems(text: string): readonly Problem[] {
  return [{ message: text, expected: text, location: { file: text, line: 1, column: 1 } }]
}

function hostileOutputs(format: Format) {
  return hostileText().map((text) => ({
    text,
    outputs: [
      renderReport(hostileReport(text), format, PLAIN),
      renderProblems(hostileProblems(text), format, PLAIN),
    ],
  }))
}

test.each(FORMATS)('%s is the same for the same report, and ends with one line break', (format) => {
  const text = renderReport(FAILING, format, PLAIN)
  expect(renderReport(sampleReport(), format, PLAIN)).toBe(text)
  expect(text).toMatch(/[^\n]\n$/)
})

test.each(FORMATS)('%s names every failing finding, its owner and its reason', (format) => {
  const text = renderReport(FAILING, format, PLAIN)
  for (const { code, reason } of FAILING.sections
    .flatMap(({ findings }) => findings)
    .filter((f) => f.fails)) {
    expect(text).toContain(code)
    expect(text).toContain(reason)
  }
  expect(text).toContain('@shop/catalogue')
  expect(text).toContain('GetItem')
})

test.each(FORMATS)(
  '%s of what could not be checked names each problem and looks like no green report',
  (format) => {
    for (const problems of [PROBLEMS, []]) {
      const text = renderProblems(problems, format, PLAIN)
      expect(text.trim()).not.toBe('')
      expect(text).not.toMatch(/passed|clean\b/i)
      expect(text).toMatch(/could not|cannot/i)
      for (const { message, expected } of problems) {
        expect(text).toContain(message)
        expect(text).toContain(expected)
      }
    }
  },
)

test.each(FORMATS)('%s is well-formed Unicode, whatever the names', (format) => {
  fc.assert(
    fc.property(hostileOutputs(format), ({ outputs }) => {
      for (const output of outputs) expect(output.isWellFormed()).toBe(true)
    }),
  )
})

test.each(['text', 'github'] as const)(
  '%s: nothing that others wrote moves the cursor, forges a line or commands a CI system',
  (format) => {
    fc.assert(
      fc.property(hostileOutputs(format), ({ outputs }) => {
        for (const output of outputs) {
          expect(output).not.toMatch(/[^\P{Cc}\n]|\p{Cf}|[\u2028\u2029]/u)
          for (const line of output.split('\n')) {
            const isOurs = /^::(error|warning|notice) (file=[^:,]*,(line=1,col=1,)?)?title=[^:,]*::/.test(
              line,
            )
            if (format === 'text' || !isOurs) expect(line).not.toMatch(/^\s*::|##\w*\[/)
            else expect(line.replace(/^.*?::.*?::/, '')).not.toMatch(/%(?!25|0A)/)
          }
        }
      }),
    )
  },
)

test('text: a finding cannot forge the outcome, which stands at the margin', () => {
  const text = renderReport(
    reportOf([sampleFinding({ message: 'x\nClean: none of 0 findings fails the check.' })]),
    'text',
    PLAIN,
  )
  expect(text.split('\n').filter((line) => /^(Clean|Failed)/.test(line))).toEqual([
    'Failed: 1 of 1 finding fails the check (1 BREAKING).',
  ])
})

test('text has colours only if asked', () => {
  expect(renderReport(FAILING, 'text', PLAIN)).not.toContain('\u001b')
  const colored = renderReport(FAILING, 'text', { colors: true })
  expect(colored).toContain('\u001b[31m')
  expect(colored.replaceAll(/\p{Cc}\[\d+m/gu, '')).toBe(renderReport(FAILING, 'text', PLAIN))
})

test('json is what its JSON Schema says, whatever the names', () => {
  expect(faultsOfJson(renderReport(FAILING, 'json', PLAIN))).toEqual([])
  expect(faultsOfJson(renderReport(CLEAN, 'json', PLAIN))).toEqual([])
  expect(faultsOfJson(renderProblems(PROBLEMS, 'json', PLAIN))).toEqual([])
  expect(faultsOfJson('{"tool":"bulkhead-schema","version":1,"outcome":"clean"}')).not.toEqual([])
  fc.assert(
    fc.property(hostileOutputs('json'), ({ text, outputs }) => {
      for (const output of outputs) {
        expect(faultsOfJson(output)).toEqual([])
        expect(output).not.toMatch(/[^\P{Cc}\n]|\p{Cf}|[\u2028\u2029]/u)
      }
      expect(JSON.parse(outputs[0] ?? '').head).toBe(text)
    }),
  )
})

test('json says each exit code', () => {
  expect(JSON.parse(renderReport(FAILING, 'json', PLAIN))).toMatchObject({ exitCode: 1, outcome: 'failed' })
  expect(JSON.parse(renderReport(CLEAN, 'json', PLAIN))).toMatchObject({ exitCode: 0, outcome: 'clean' })
  expect(JSON.parse(renderProblems([], 'json', PLAIN))).toMatchObject({
    exitCode: 2,
    outcome: 'cannot-check',
  })
})

test('sarif is valid SARIF 2.1.0, whatever the names', () => {
  expect(faultsOfSarif(renderReport(FAILING, 'sarif', PLAIN))).toEqual([])
  expect(faultsOfSarif(renderReport(CLEAN, 'sarif', PLAIN))).toEqual([])
  expect(faultsOfSarif(renderProblems(PROBLEMS, 'sarif', PLAIN))).toEqual([])
  expect(faultsOfSarif(renderProblems([], 'sarif', PLAIN))).toEqual([])
  expect(faultsOfSarif('{"version":"2.1.0","runs":[{}]}')).not.toEqual([])
  fc.assert(
    fc.property(hostileOutputs('sarif'), ({ outputs }) => {
      for (const output of outputs) {
        expect(faultsOfSarif(output)).toEqual([])
        for (const { message } of JSON.parse(output).runs[0].results) {
          expect(message.text).not.toMatch(/\]\(|\{\d+\}|[^\P{Cc}\n]/u)
        }
      }
    }),
  )
})

test('sarif: rules, places, fingerprints and suppressions are those of the findings', () => {
  const options = {
    colors: false,
    fallbackFile: 'supergraph.yaml',
    helpOf: (code: string) => `Help of ${code}`,
  }
  const [run] = JSON.parse(renderReport(FAILING, 'sarif', options)).runs
  const findings = FAILING.sections.flatMap((section) => section.findings)
  expect(run.results).toHaveLength(findings.length - 1) // without the safe one
  for (const result of run.results) {
    const finding = findings.find(
      ({ fingerprint }) => fingerprint === result.partialFingerprints.primaryLocationLineHash,
    )
    expect(run.tool.driver.rules[result.ruleIndex]).toMatchObject({
      id: finding?.code,
      help: { text: `Help of ${finding?.code}` },
    })
    expect(result.suppressions).toHaveLength(finding?.excuse === null ? 0 : 1)
    expect(result.locations[0].physicalLocation.artifactLocation).toEqual({
      uri: finding?.location?.file.replace('origin/main:', '') ?? 'supergraph.yaml',
      uriBaseId: '%SRCROOT%',
    })
  }
  const places = run.results.map((result: { locations: { physicalLocation: { region?: object } }[] }) => {
    return result.locations[0]?.physicalLocation.region ?? null
  })
  expect(places).toContainEqual({ startLine: 20, startColumn: 1 })
  // A line of the base says nothing about the file of the head.
  expect(places).not.toContainEqual({ startLine: 12, startColumn: 3 })
})

test('sarif of what could not be checked is a run that was not successful', () => {
  const [run] = JSON.parse(renderProblems(PROBLEMS, 'sarif', PLAIN)).runs
  expect(run.invocations[0]).toMatchObject({ executionSuccessful: false, exitCode: 2 })
  expect(run.results).toHaveLength(2)
})

test('junit is well-formed XML with the numbers that it says, whatever the names', () => {
  fc.assert(
    fc.property(hostileOutputs('junit'), ({ outputs: [report = '', problems = ''] }) => {
      const root = parseXml(report)
      expect(elementsOf(root, 'failure')).toHaveLength(1)
      expect(elementsOf(root, 'skipped')).toHaveLength(1)
      expect(elementsOf(parseXml(problems), 'error')).toHaveLength(1)
    }),
  )
  expect(elementsOf(parseXml(renderProblems([], 'junit', PLAIN)), 'error')).toHaveLength(1)
})

test('junit has a suite for each section, and a test for each finding', () => {
  const root = parseXml(renderReport(FAILING, 'junit', PLAIN))
  const suites = elementsOf(root, 'testsuite')
  expect(suites.map(({ attributes }) => attributes.name)).toEqual([
    'Subgraphs',
    'Composition',
    'Changes',
    'Operations',
    'Lint',
    'Contracts',
    'Approvals',
  ])
  for (const element of [root, ...suites]) {
    const count = (name: string) => String(elementsOf(element, name).length)
    expect(element.attributes).toMatchObject({
      tests: count('testcase'),
      failures: count('failure'),
      errors: count('error'),
      skipped: count('skipped'),
    })
  }
  expect(elementsOf(root, 'failure').map(({ attributes }) => attributes.type)).toEqual([
    'INVALID_SUBGRAPH',
    'SATISFIABILITY_ERROR',
    'FIELD_REMOVED',
    'PROPERTY_REQUIRED',
    'APPROVAL_EXPIRED',
  ])
  expect(elementsOf(parseXml(renderReport(CLEAN, 'junit', PLAIN)), 'testcase')).toHaveLength(7)
})

test('markdown begins with the marker, in every case', () => {
  for (const text of [
    renderReport(FAILING, 'markdown', PLAIN),
    renderReport(CLEAN, 'markdown', PLAIN),
    renderProblems(PROBLEMS, 'markdown', PLAIN),
  ]) {
    expect(text.split('\n')[0]).toBe(COMMENT_MARKER)
  }
})

test('markdown: what others wrote is shown as text, and is no markup, link, mention or cell', () => {
  const tags = (html: string) => (html.match(/<[^>]*>/g) ?? []).filter((tag) => !/^<\/?(br|code)>$/.test(tag))
  const expected = renderReport(hostileReport('x'), 'markdown', PLAIN)
  const expectedProblems = renderProblems(hostileProblems('x'), 'markdown', PLAIN)
  fc.assert(
    fc.property(hostileOutputs('markdown'), ({ outputs: [report = '', problems = ''] }) => {
      const html = htmlOfMarkdown(report)
      expect(tags(html)).toEqual(tags(htmlOfMarkdown(expected)))
      expect(tags(htmlOfMarkdown(problems))).toEqual(tags(htmlOfMarkdown(expectedProblems)))
      const outsideCode = html.replaceAll(/<(code)[^>]*>.*?<\/\1>/gs, '')
      expect(outsideCode).not.toMatch(/[@#!~]\w|:\w+:|https?:\/\/|www\.\w/)
      expect(report).not.toMatch(/[^\P{Cc}\n]|\p{Cf}|[\u2028\u2029]/u)
      expect(report).not.toMatch(/^\s*\//m)
    }),
    { numRuns: 300 },
  )
})

test('markdown stays below what GitHub takes, and says what it left out', () => {
  const many = Array.from({ length: 3_000 }, (_, index) =>
    sampleFinding({ coordinate: `Type${index}.field`, fails: index % 2 === 0 }),
  )
  const text = renderReport(reportOf(many), 'markdown', PLAIN)
  expect(text.length).toBeLessThan(65_536)
  expect(text.length).toBeGreaterThan(50_000)
  expect(text).toMatch(/\d+ lines did not fit into a comment/)
  const long = sampleFinding({ message: '|'.repeat(1_000_000), reason: '@'.repeat(1_000_000) })
  const cut = renderReport(reportOf(Array.from({ length: 50 }, () => long)), 'markdown', PLAIN)
  expect(cut.length).toBeLessThan(65_536)
  const problems = Array.from(
    { length: 3_000 },
    () => PROBLEMS[0] ?? { message: '', expected: '', location: null },
  )
  expect(renderProblems(problems, 'markdown', PLAIN).length).toBeLessThan(65_536)
})

test('github writes at most as many annotations as GitHub shows, and says how many there are besides', () => {
  const many = Array.from({ length: 25 }, (_, index) => sampleFinding({ coordinate: `Type${index}.field` }))
  const lines = renderReport(reportOf(many), 'github', PLAIN).split('\n')
  const errors = lines.filter((line) => line.startsWith('::error '))
  expect(errors).toHaveLength(10)
  expect(errors.at(-1)).toContain('16 more errors')
  expect(renderReport(reportOf(many.slice(0, 10)), 'github', PLAIN)).not.toContain('more errors')
})

test.each(['text', 'markdown', 'github', 'sarif', 'junit'] as const)(
  '%s stays readable where a finding touches very many operations, and json has all',
  (format) => {
    const affected = Array.from({ length: 2_000 }, (_, index) => {
      return { name: `Op${index}x`, id: `${index}`, clients: [`c${index}`], count: 1, lastSeen: null }
    })
    const report = reportOf([sampleFinding({ affected })])
    expect(renderReport(report, format, PLAIN).length).toBeLessThan(10_000)
    expect(renderReport(report, format, PLAIN)).toContain('2000 operations')
    expect(renderReport(report, 'json', PLAIN)).toContain('Op1999x')
  },
)

test('github: what is safe, approved or in the baseline asks nobody to look', () => {
  const text = renderReport(FAILING, 'github', PLAIN)
  expect(text).not.toContain('Item.subtitle')
  expect(text).not.toContain('Query.items')
  expect(text).not.toContain('Item.stock')
  expect(text).toContain('::warning file=catalogue.graphql,line=20,col=1,title=DANGEROUS Product')
  expect(text).toContain('::error file=catalogue.graphql,title=BREAKING Item.title')
})
