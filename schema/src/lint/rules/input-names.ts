import { isInputObjectType } from 'graphql'
import { z } from 'zod'
import { defineRule } from '../rule.ts'

export const inputNames = defineRule({
  name: 'input-names',
  recommended: 'warning',
  summary: 'The name of an input type ends with its purpose, such as `Input` or `Filter`.',
  reason:
    'An input cannot be returned, so a name that could be an output type is taken away from it for good.',
  advice: 'Rename the input before clients use it, or add its ending to the option `suffixes`.',
  options: {
    suffixes: z
      .array(z.string().min(1))
      .min(1)
      .default(['Input', 'Filter', 'Order', 'OrderBy', 'Sort', 'Where'])
      .describe('Endings that a name may have.'),
  },
  *find({ types }, { suffixes }) {
    for (const { name, api, declarations } of types) {
      if (!isInputObjectType(api) || suffixes.some((suffix) => name.endsWith(suffix))) continue
      const message = `The name of the input \`${name}\` ends with none of ${suffixes.join(', ')}.`
      yield { coordinate: name, message, declarations }
    }
  },
})
