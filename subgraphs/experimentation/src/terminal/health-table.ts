import { formatTable } from '@bulkhead/service/format-table'
import { plainText } from '@bulkhead/service/plain-text'

/** Health checks, one a line. */
export function healthTable(
  checks: readonly {
    readonly kind: string
    readonly passed: boolean
    readonly pValue: number | null
    readonly detail: string
  }[],
): string {
  return formatTable(
    ['health', 'passed', 'p', 'observed'],
    checks.map(({ kind, passed, pValue, detail }) => [
      kind,
      passed ? 'yes' : 'NO',
      pValue === null ? '-' : pValue.toPrecision(2),
      plainText(detail),
    ]),
  )
}
