import { type AuditVerification, verifyAudit } from '../services/audit-verification.ts'
import { NegativeResultError } from './errors.ts'
import { openToRead } from './store.ts'

/** @throws NegativeResultError with one line for each problem */
export async function verify(): Promise<string> {
  await using store = await openToRead()
  return describeVerification(await verifyAudit(store))
}

function describeVerification({ entries, problems }: AuditVerification): string {
  if (problems.length === 0) return `the audit log is intact: ${entries} entries`
  const lines = problems.map(({ sequence, subject, message }) => {
    const where = [sequence === null ? null : `entry ${sequence}`, subject].filter((part) => part !== null)
    return [...where, message].join(': ')
  })
  throw new NegativeResultError(lines.join('\n'), 'the audit log is not intact')
}
