import { defineRule } from '../rule.ts'

const CAMEL_CASE = /^[a-z][A-Za-z0-9]*$/

export const fieldNames = defineRule({
  name: 'field-names',
  recommended: 'warning',
  summary: 'Fields, input fields and arguments are named in camelCase.',
  reason: 'One spelling spares clients from looking up each name.',
  advice: 'Add the field under the right name and deprecate this one.',
  options: {},
  *find({ types }) {
    for (const { fields } of types) {
      for (const field of fields) {
        for (const { coordinate, name, isPublic, declarations } of [field, ...field.arguments]) {
          if (!isPublic || CAMEL_CASE.test(name)) continue
          yield { coordinate, message: `\`${coordinate}\` is not named in camelCase.`, declarations }
        }
      }
    }
  },
})
