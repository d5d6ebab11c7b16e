import { APPROVAL_CODES } from '../decision/approval-codes.ts'
import { CHANGE_CODES } from '../diff/change.ts'
import { LINT_RULES } from '../lint/rules.ts'

const HELP = new Map<string, string>([
  ...LINT_RULES.map(({ name, reason, advice }): [string, string] => [name, `${reason} ${advice}`]),
  ...Object.entries(APPROVAL_CODES).map(([code, { reason, advice }]): [string, string] => [
    code,
    `${reason} ${advice}`,
  ]),
  ...Object.entries(CHANGE_CODES).map(([code, { advice }]): [string, string] => [code, advice]),
])

/** What the documentation says of a finding's code; null for codes of composition, which Apollo documents. */
export function helpOf(code: string): string | null {
  return HELP.get(code) ?? null
}
