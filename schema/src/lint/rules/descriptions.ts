import { z } from 'zod'
import { coordinatePattern } from '../coordinate-pattern.ts'
import type { Declaration } from '../graph-index.ts'
import { defineRule } from '../rule.ts'

export const descriptions = defineRule({
  name: 'descriptions',
  recommended: 'warning',
  summary: 'Public types, and the fields of Query, Mutation and Subscription, have a description.',
  reason: 'The description is the only documentation that every tool of every client shows.',
  advice: 'Write down what the name does not say: meaning, unit, bounds, and what null stands for.',
  options: {
    fields: z
      .enum(['root', 'all', 'none'])
      .default('root')
      .describe('Which fields need one: those of the root types, all (input fields too), or none.'),
    exempt: z
      .array(z.string().min(1))
      .default([
        '*Connection',
        '*Edge',
        'PageInfo',
        '*Payload',
        '*Input',
        '*Filter',
        'Query',
        'Mutation',
        'Subscription',
      ])
      .describe('Types whose name says it all, as patterns; their fields are not exempt.'),
  },
  *find({ types }, options) {
    const exempt = options.exempt.map(coordinatePattern)
    for (const { name, api, root, declarations, fields } of types) {
      if (api === undefined) continue
      if (!isDescribed(declarations) && !exempt.some((matches) => matches(name, null))) {
        yield { coordinate: name, message: `The type \`${name}\` has no description.`, declarations }
      }
      if (options.fields === 'none' || (options.fields === 'root' && root === null)) continue
      for (const { coordinate, isPublic, declarations: nodes } of fields) {
        if (!isPublic || isDescribed(nodes)) continue
        yield { coordinate, message: `The field \`${coordinate}\` has no description.`, declarations: nodes }
      }
    }
  },
})

/** One subgraph's description is enough: composition takes it for the graph. */
function isDescribed(declarations: readonly Declaration<object>[]): boolean {
  return declarations.some(
    ({ node }) =>
      'description' in node && (node.description as { readonly value: string } | undefined)?.value.trim(),
  )
}
