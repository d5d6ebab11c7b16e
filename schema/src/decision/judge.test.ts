import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Finding, GRADES, type JudgedFinding, SECTIONS } from '../model/finding.ts'
import { sampleFinding } from '../testing/sample-finding.ts'
import type { Approval } from './approvals.ts'
import { type Baseline, readBaseline, writeBaseline } from './baseline.ts'
import { FINDING_ROWS } from './decision-table.ts'
import { fingerprintOf } from './fingerprint.ts'
import { type JudgeOptions, judge } from './judge.ts'

const TODAY = '2027-01-15'
const BREAK = sampleFinding({
  section: 'changes',
  code: 'FIELD_REMOVED',
  grade: 'BREAKING',
  coordinate: 'Item.a',
})
const DANGER = sampleFinding({ section: 'changes', code: 'ENUM_VALUE_ADDED', grade: 'DANGEROUS' })
const LINT_ERROR = sampleFinding({ grade: 'ERROR' })

function judged(findings: readonly Finding[], options: Partial<JudgeOptions> = {}): readonly JudgedFinding[] {
  return judge(findings, {
    failOn: 'breaking',
    ownersOf: ({ subgraphs }) => subgraphs.map((name) => `@${name}`),
    approvals: [],
    baseline: null,
    today: TODAY,
    ...options,
  })
}

function approve(finding: Finding, expires = '2027-02-01'): Approval {
  const location = { file: 'approvals.yaml', line: 2, column: 5 }
  return { fingerprint: fingerprintOf(finding), reason: 'nobody uses it', by: 'ada', expires, location }
}

function baselineOf(...findings: Finding[]): Baseline {
  return readBaseline({ path: 'baseline.json', text: writeBaseline(judged(findings)) })
}

describe('the decision table', () => {
  const row = (finding: Partial<Finding>, failOn: 'breaking' | 'dangerous' = 'breaking') =>
    judged([sampleFinding(finding)], { failOn })[0]?.fails

  test.each([
    ['breaking and used', row({ section: 'changes', grade: 'BREAKING' }), true],
    ['breaking and unused', row({ section: 'changes', grade: 'SAFE', downgradedFrom: 'BREAKING' }), false],
    [
      'the same, failing on dangerous',
      row({ section: 'changes', grade: 'DANGEROUS', downgradedFrom: 'BREAKING' }, 'dangerous'),
      false,
    ],
    ['dangerous', row({ section: 'changes', grade: 'DANGEROUS' }), false],
    ['dangerous, failing on it', row({ section: 'changes', grade: 'DANGEROUS' }, 'dangerous'), true],
    ['breaking, failing on dangerous', row({ section: 'changes', grade: 'BREAKING' }, 'dangerous'), true],
    ['a lint error', row({ grade: 'ERROR' }), true],
    ['a lint warning', row({ grade: 'WARNING' }), false],
    ['an operation that is invalid', row({ section: 'operations', grade: 'ERROR' }), true],
    ['a note', row({ grade: 'NOTE' }), false],
    ['a safe change', row({ section: 'changes', grade: 'SAFE' }), false],
  ])('%s', (_condition, fails, expected) => expect(fails).toBe(expected))

  const finding = fc
    .record({
      section: fc.constantFrom(...SECTIONS),
      grade: fc.constantFrom(...GRADES),
      coordinate: fc.constantFrom('Item.a', 'Item.b', null),
      code: fc.constantFrom('A', 'B'),
      isDowngraded: fc.boolean(),
    })
    .map(({ isDowngraded, ...rest }) =>
      sampleFinding(isDowngraded ? { ...rest, downgradedFrom: 'BREAKING' } : rest),
    )
  const findings = fc.array(finding, { maxLength: 12 })
  const failOn = fc.constantFrom('breaking', 'dangerous')

  test('has a row for every finding, and each row is the first for some', () => {
    const firsts = new Set<number>()
    fc.assert(
      fc.property(finding, failOn, (one, on) => {
        const first = FINDING_ROWS.findIndex(({ applies }) => applies(one, on))
        firsts.add(first)
        expect(first).not.toBe(-1)
      }),
      { numRuns: 1000 },
    )
    expect(firsts.size).toBe(FINDING_ROWS.length)
  })

  test('fails on what would fail and nobody has excused, whatever else there is', () => {
    const cases = fc.record({
      all: findings,
      approved: findings,
      given: findings,
      on: failOn,
      expires: fc.constantFrom('2027-01-14', '2027-01-15', '2027-01-16'),
    })
    fc.assert(
      fc.property(cases, ({ all, approved, given, on, expires }) => {
        const unique = new Map(approved.map((one) => [fingerprintOf(one), approve(one, expires)]))
        const approvals = [...unique.values()]
        const baseline = baselineOf(...given)
        const result = judged(all, { failOn: on, approvals, baseline })
        const own = result.filter(({ code }) => code === 'A' || code === 'B')
        expect(own).toHaveLength(all.length)
        for (const { fails, excuse, ...one } of own) {
          const isUnused =
            one.downgradedFrom === 'BREAKING' && !(one.section === 'approvals' && one.grade === 'ERROR')
          const isBad =
            !isUnused &&
            (['BREAKING', 'ERROR'].includes(one.grade) || (on === 'dangerous' && one.grade === 'DANGEROUS'))
          const isServable = one.section !== 'subgraphs' && one.section !== 'composition'
          const isApproved = isServable && unique.has(one.fingerprint) && expires >= TODAY
          const isGiven =
            baseline.entries.some(({ fingerprint }) => fingerprint === one.fingerprint) &&
            one.grade === 'ERROR' &&
            ['lint', 'operations', 'contracts'].includes(one.section)
          expect(fails).toBe(isBad && !isApproved && !isGiven)
          expect(excuse !== null).toBe(isBad && (isApproved || isGiven))
        }
        const expired = result.filter(({ code }) => code === 'APPROVAL_EXPIRED')
        expect(expired).toHaveLength(expires < TODAY ? approvals.length : 0)
        expect(expired.every(({ fails }) => fails)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  test('the order of the findings given does not matter', () => {
    fc.assert(
      fc.property(fc.uniqueArray(finding, { selector: fingerprintOf }), (all) => {
        expect(judged(all.toReversed())).toEqual(judged(all))
      }),
    )
  })
})

describe('fingerprints', () => {
  test('stay the same when files move, lines shift, usage grows or a level changes', () => {
    const moved = {
      ...BREAK,
      location: { file: 'moved.graphql', line: 99, column: 1 },
      grade: 'SAFE' as const,
      downgradedFrom: 'BREAKING' as const,
      reason: 'other',
      affected: [{ name: 'Home', id: 'a', clients: [], count: 3, lastSeen: null }],
    }
    expect(fingerprintOf(moved)).toBe(fingerprintOf(BREAK))
    expect(fingerprintOf(BREAK)).toMatch(/^[0-9a-f]{16}$/)
  })

  test.each([
    ['section', { section: 'operations' }],
    ['code', { code: 'FIELD_ADDED' }],
    ['coordinate', { coordinate: 'Item.b' }],
    ['key', { key: 'op-1' }],
    ['change', { message: '`Item.a` is an `Int` now.' }],
  ] as const)('differ by %s', (_what, change) => {
    expect(fingerprintOf({ ...BREAK, ...change })).not.toBe(fingerprintOf(BREAK))
  })
})

describe('approvals', () => {
  const codes = (findings: readonly JudgedFinding[]) => findings.map(({ code, fails }) => `${code} ${fails}`)

  test('excuse what they name, by whom and why', () => {
    expect(judged([BREAK], { approvals: [approve(BREAK)] })).toMatchObject([
      {
        fails: false,
        excuse: { type: 'approved', by: 'ada', reason: 'nobody uses it', expires: '2027-02-01' },
        owners: ['@catalog'],
      },
    ])
  })

  test('hold on their last day, and not on the next', () => {
    expect(codes(judged([BREAK], { approvals: [approve(BREAK, TODAY)] }))).toEqual(['FIELD_REMOVED false'])
    expect(codes(judged([BREAK], { approvals: [approve(BREAK, '2027-01-14')] }))).toEqual([
      'FIELD_REMOVED true',
      'APPROVAL_EXPIRED true',
    ])
  })

  test('that are past their day fail the check even where nothing needs them', () => {
    expect(codes(judged([], { approvals: [approve(BREAK, '2027-01-14')] }))).toEqual([
      'APPROVAL_EXPIRED true',
    ])
  })

  test('that nothing needs are said, in their line', () => {
    const [unused] = judged([], { approvals: [approve(BREAK)] })
    expect(unused).toMatchObject({
      code: 'APPROVAL_UNUSED',
      grade: 'WARNING',
      fails: false,
      location: { line: 2 },
    })
    expect(codes(judged([DANGER], { approvals: [approve(DANGER)] }))).toEqual([
      'ENUM_VALUE_ADDED false',
      'APPROVAL_UNUSED false',
    ])
    expect(codes(judged([DANGER], { approvals: [approve(DANGER)], failOn: 'dangerous' }))).toEqual([
      'ENUM_VALUE_ADDED false',
    ])
  })
})

describe('the baseline', () => {
  test('takes errors of the graph as given', () => {
    expect(judged([LINT_ERROR], { baseline: baselineOf(LINT_ERROR) })).toMatchObject([
      { fails: false, excuse: { type: 'baseline' } },
    ])
  })

  test('takes no change as given, even where somebody writes it in', () => {
    expect(baselineOf(BREAK, DANGER).entries).toEqual([])
    const entry = { fingerprint: fingerprintOf(BREAK), code: 'FIELD_REMOVED', coordinate: 'Item.a' }
    const text = JSON.stringify({ version: 1, findings: [entry] })
    const [finding] = judged([BREAK], { baseline: readBaseline({ path: 'b.json', text }) })
    expect(finding?.fails).toBe(true)
  })

  test('says what is not found any more', () => {
    const [stale] = judged([], { baseline: baselineOf(LINT_ERROR) })
    expect(stale).toMatchObject({
      code: 'BASELINE_STALE',
      grade: 'NOTE',
      fails: false,
      coordinate: 'Item.a_b',
    })
  })

  test('is the same text for the same findings in any order', () => {
    const other = sampleFinding({ grade: 'ERROR', coordinate: 'Item.c_d' })
    const texts = [
      [LINT_ERROR, other],
      [other, LINT_ERROR, LINT_ERROR],
    ].map((list) => writeBaseline(judged(list)))
    expect(texts[0]).toBe(texts[1])
  })

  test.each([
    ['no JSON', '{', 'The baseline is not JSON'],
    ['a later version', '{"version":2,"findings":[]}', 'The baseline is wrong at version'],
    ['an unknown key', '{"version":1,"findings":[],"a":1}', 'The baseline is wrong'],
    [
      'no fingerprint',
      '{"version":1,"findings":[{"fingerprint":"1","code":"a","coordinate":null}]}',
      'at findings.0.fingerprint',
    ],
  ])('that has %s cannot be read', (_what, text, message) => {
    expect(() => readBaseline({ path: 'b.json', text })).toThrow(`b.json:1:1: `)
    expect(() => readBaseline({ path: 'b.json', text })).toThrow(message)
  })
})
