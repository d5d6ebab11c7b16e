import { formatTable } from '@bulkhead/service/format-table'
import { plainText } from '@bulkhead/service/plain-text'
import type { ApiBootstrapDecision } from '../api/bootstrap-decisions.ts'

/** Bootstrap decisions as a person reads them in a terminal. */
export function bootstrapList(decisions: readonly ApiBootstrapDecision[]): string {
  if (decisions.length === 0) return 'No bootstrap decisions.'
  return formatTable(
    ['model version', 'status', 'revision', 'decided by', 'reviewed by', 'decided', 'revoked', 'rationale'],
    decisions.map(
      ({ modelVersionId, status, revision, decidedBy, reviews, decidedAt, revokedAt, rationale }) => [
        plainText(modelVersionId),
        status,
        String(revision),
        plainText(decidedBy),
        reviews.map(({ by }) => plainText(by)).join(', ') || '-',
        decidedAt.slice(0, 10),
        revokedAt?.slice(0, 10) ?? '-',
        plainText(rationale),
      ],
    ),
  )
}

/** One decision right after a change. */
export function describeBootstrap({ modelVersionId, status, revision }: ApiBootstrapDecision): string {
  return `the bootstrap decision about "${plainText(modelVersionId)}" is ${status}, at revision ${revision}`
}
