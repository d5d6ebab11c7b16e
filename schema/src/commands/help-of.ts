import { CONTRACT_CODES } from '../contracts/contract-codes.ts'
import { APPROVAL_CODES } from '../decision/approval-codes.ts'
import { CHANGE_CODES } from '../diff/change.ts'
import { LINT_RULES } from '../lint/rules.ts'
import { OPERATION_CODES } from '../operations/operation-codes.ts'

const CODES = { ...CHANGE_CODES, ...OPERATION_CODES, ...CONTRACT_CODES, ...APPROVAL_CODES }
const HELP = new Map<string, string>([
  ...Object.entries(CODES).map(([code, { advice }]): [string, string] => [code, advice]),
  ...LINT_RULES.map(({ name, advice }): [string, string] => [name, advice]),
])

/** What to do about a finding, by its code; null for codes of composition, which Apollo documents. */
export function helpOf(code: string): string | null {
  return HELP.get(code) ?? null
}
