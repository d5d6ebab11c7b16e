import { ChangeType } from '@graphql-inspector/core'
import { expect, test } from 'vitest'
import { TRANSLATIONS } from './inspected-changes.ts'

/** Why a kind of change is left out stands at `TRANSLATIONS`. */
const LEFT_OUT = /_DESCRIPTION_|_DEPRECATION_|^DIRECTIVE_USAGE_|^SCHEMA_\w+_TYPE_CHANGED$/

test.each(Object.values(ChangeType))('%s is either graded or left out on purpose', (type) => {
  expect(type in TRANSLATIONS).toBe(!LEFT_OUT.test(type))
})
