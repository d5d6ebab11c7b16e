import { defineRule } from '../rule.ts'

const UPPER_CASE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/

export const enumValueNames = defineRule({
  name: 'enum-value-names',
  recommended: 'warning',
  summary: 'Enum values are named in UPPER_CASE.',
  reason: 'Values in upper case cannot be taken for fields, variables or text.',
  advice: 'Add the value under the right name and deprecate this one.',
  options: {},
  *find({ types }) {
    for (const { values } of types) {
      for (const { coordinate, name, isPublic, declarations } of values) {
        if (!isPublic || UPPER_CASE.test(name)) continue
        yield { coordinate, message: `The enum value \`${coordinate}\` is not in UPPER_CASE.`, declarations }
      }
    }
  },
})
