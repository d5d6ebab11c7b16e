import { APPROVAL_CODES } from '../decision/approval-codes.ts'
import { LINT_RULES } from '../lint/rules.ts'
