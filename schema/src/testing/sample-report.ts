import { type Finding, type JudgedFinding, SECTIONS, type Section } from '../model/finding.ts'
import type { Report } from '../model/report.ts'

export function sampleFinding(overrides: Partial<JudgedFinding> = {}): JudgedFinding {
  return {
    section: 'changes',
    code: 'FIELD_REMOVED',
    grade: 'BREAKING',
    message: 'Field Item.title was removed.',
    reason: 'Operations that select it become invalid.',
    coordinate: 'Item.title',
    subgraphs: ['catalogue'],
    location: { file: 'origin/main:catalogue.graphql', line: 12, column: 3 },
    affected: [],
    fingerprint: '0123456789abcdef',
    owners: ['@shop/catalogue'],
    fails: true,
    excuse: null,
    causes: [],
    ...overrides,
  }
}

/** A report of these findings in their sections. */
export function reportOf(findings: readonly JudgedFinding[], base: string | null = 'origin/main'): Report {
  return {
    base,
    head: 'head',
    sections: SECTIONS.map((section) => ({
      section,
      summary: SUMMARIES[section],
      findings: findings.filter((finding) => finding.section === section),
    })),
    outcome: findings.some(({ fails }) => fails) ? 'failed' : 'clean',
  }
}

const SUMMARIES: Readonly<Record<Section, string>> = {
  subgraphs: '2 subgraphs of 3 files',
  composition: '2 subgraphs compose',
  changes: '3 elements differ',
  operations: '12 operations of 3 files, 4 recorded',
  lint: '8 rules on 14 types',
  contracts: 'None are configured',
  approvals: '2 approvals of approvals.yaml',
}

const AFFECTED: Finding['affected'] = [
  {
    name: 'GetItem',
    id: 'a'.repeat(64),
    clients: ['ios@2.1', 'web@1.0'],
    count: 1200,
    lastSeen: '2026-11-20T10:00:00Z',
  },
  { name: 'anonymous 3f2a', id: 'b'.repeat(64), clients: [], count: null, lastSeen: null },
]

/** A report with every kind of finding: each grade and section, failing, downgraded, approved, in the baseline. */
export function sampleReport(): Report {
  return reportOf([
    sampleFinding({
      section: 'subgraphs',
      code: 'INVALID_SUBGRAPH',
      grade: 'ERROR',
      message: 'Unknown type "Itme".',
      reason: 'A subgraph that is invalid by itself cannot be composed.',
      coordinate: null,
      location: { file: 'catalogue.graphql', line: 3, column: 9 },
      fingerprint: '1000000000000000',
    }),
    sampleFinding({
      section: 'composition',
      code: 'SATISFIABILITY_ERROR',
      grade: 'ERROR',
      message: 'The following query cannot be satisfied:\n{\n  item {\n    price\n  }\n}\n',
      reason: 'The gateway could not plan it.',
      coordinate: 'Item.price',
      location: null,
      subgraphs: ['catalogue', 'prices'],
      owners: [],
      fingerprint: '2000000000000000',
    }),
    sampleFinding({ affected: AFFECTED }),
    sampleFinding({
      code: 'ARGUMENT_REMOVED',
      message: 'Argument Query.items(first:) was removed.',
      coordinate: 'Query.items(first:)',
      fails: false,
      excuse: { type: 'approved', by: 'ada', reason: 'no client left', expires: '2026-12-31' },
      fingerprint: '3000000000000000',
    }),
    sampleFinding({
      code: 'ENUM_VALUE_REMOVED',
      grade: 'NOTE',
      downgradedFrom: 'BREAKING',
      message: 'Enum value Color.MAUVE was removed.',
      reason: 'No operation of 2026-10-29 to 2026-11-28 uses it.',
      coordinate: 'Color.MAUVE',
      fails: false,
      fingerprint: '4000000000000000',
    }),
    sampleFinding({
      code: 'UNION_MEMBER_ADDED',
      grade: 'DANGEROUS',
      message: 'Book was added to the union Product.',
      reason: 'Clients may not expect it.',
      coordinate: 'Product',
      location: { file: 'catalogue.graphql', line: 20, column: 1 },
      fails: false,
      fingerprint: '5000000000000000',
    }),
    sampleFinding({
      code: 'FIELD_ADDED',
      grade: 'SAFE',
      message: 'Field Item.subtitle was added.',
      reason: 'Nobody can have used it.',
      coordinate: 'Item.subtitle',
      location: { file: 'catalogue.graphql', line: 14, column: 3 },
      fails: false,
      fingerprint: '6000000000000000',
    }),
    sampleFinding({
      section: 'operations',
      code: 'PLAN_NEEDS_ANOTHER_SUBGRAPH',
      grade: 'DANGEROUS',
      message: 'GetItem newly needs the subgraph prices.',
      reason: 'It now fails when prices does.',
      coordinate: null,
      location: { file: 'operations/items.graphql', line: 1, column: 1 },
      affected: AFFECTED.slice(0, 1),
      key: 'a'.repeat(64),
      fails: false,
      fingerprint: '7000000000000000',
    }),
    sampleFinding({
      section: 'lint',
      code: 'nullability-blast-radius',
      grade: 'ERROR',
      message: 'Item.stock is non-null, but another subgraph resolves it.',
      reason: 'Without that subgraph the whole item is null.',
      coordinate: 'Item.stock',
      location: { file: 'stock.graphql', line: 5, column: 3 },
      fails: false,
      excuse: { type: 'baseline' },
      fingerprint: '8000000000000000',
    }),
    sampleFinding({
      section: 'lint',
      code: 'description',
      grade: 'WARNING',
      message: 'Item has no description.',
      reason: 'Nobody else can know what it means.',
      coordinate: 'Item',
      location: { file: 'stock.graphql', line: 4, column: 1 },
      fails: false,
      fingerprint: '9000000000000000',
    }),
    sampleFinding({
      section: 'contracts',
      code: 'PROPERTY_REQUIRED',
      grade: 'BREAKING',
      message: 'exposure.unit is newly required of old senders.',
      reason: 'Events that were stored before lack it.',
      coordinate: null,
      location: { file: 'contracts/event.schema.json', line: 1, column: 1 },
      fingerprint: 'a000000000000000',
    }),
    sampleFinding({
      section: 'approvals',
      code: 'APPROVAL_EXPIRED',
      grade: 'ERROR',
      message: 'The approval of 0000 expired on 2026-01-01.',
      reason: 'What it approved is no longer agreed on.',
      coordinate: null,
      location: { file: 'approvals.yaml', line: 4, column: 3 },
      owners: [],
      fingerprint: 'b000000000000000',
    }),
  ])
}
