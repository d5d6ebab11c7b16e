import type { Finding } from '../model/finding.ts'

/** A lint warning, unless something else is asked for. */
export function sampleFinding(overrides: Partial<Finding> = {}): Finding {
  return {
    section: 'lint',
    code: 'field-names',
    grade: 'WARNING',
    message: '`Item.a_b` is not named in camelCase.',
    reason: 'One spelling spares clients from looking up each name.',
    coordinate: 'Item.a_b',
    subgraphs: ['catalog'],
    location: { file: 'catalog.graphql', line: 3, column: 5 },
    affected: [],
    ...overrides,
  }
}
