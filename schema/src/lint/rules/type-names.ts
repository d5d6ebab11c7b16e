import { z } from 'zod'
import { defineRule } from '../rule.ts'

const PASCAL_CASE = /^[A-Z][A-Za-z0-9]*$/

export const typeNames = defineRule({
  name: 'type-names',
  recommended: 'warning',
  summary: 'Types are named in PascalCase.',
  reason: 'Generated code takes its names from types, and a name can hardly be changed once clients use it.',
  advice: 'Rename the type before clients use it.',
  options: {
    prefixes: z
      .array(z.string().min(1))
      .default([])
      .describe('Text that may stand in front of a name, such as `acme_`.'),
  },
  *find({ types }, { prefixes }) {
    for (const { name, api, declarations } of types) {
      const prefix = prefixes.find((candidate) => name.startsWith(candidate)) ?? ''
      if (api === undefined || PASCAL_CASE.test(name.slice(prefix.length))) continue
      yield { coordinate: name, message: `The type \`${name}\` is not named in PascalCase.`, declarations }
    }
  },
})
