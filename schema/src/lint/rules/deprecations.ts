import { GraphQLDeprecatedDirective, getDirectiveValues } from 'graphql'
import { z } from 'zod'
import type { Declaration, ElementView } from '../graph-index.ts'
import { defineRule } from '../rule.ts'

/** What GraphQL puts in where no reason is given. */
const NO_REASON = 'No longer supported'
const DATE = /\b\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\b/

export const deprecations = defineRule({
  name: 'deprecations',
  recommended: 'warning',
  summary: '`@deprecated` says what to use instead and from which day on the element may be gone.',
  reason: 'Clients can plan to leave a deprecated element only when they know for what and by when.',
  advice: 'Write a reason such as "Use `price`. Removed after 2027-06-30."',
  options: {
    date: z.boolean().default(true).describe('Whether the reason has to name a day, as YYYY-MM-DD.'),
  },
  *find({ types }, { date }) {
    for (const { fields, values } of types) {
      const elements: readonly ElementView[] = [
        ...fields,
        ...fields.flatMap((field) => field.arguments),
        ...values,
      ]
      for (const { coordinate, isPublic, declarations } of elements) {
        if (!isPublic) continue
        const withoutReason = declarations.filter((declaration) => reasonOf(declaration) === NO_REASON)
        const withoutDate = declarations.filter((declaration) => {
          const reason = reasonOf(declaration)
          return reason !== null && reason !== NO_REASON && !DATE.test(reason)
        })
        if (withoutReason.length > 0) {
          const message = `\`${coordinate}\` is deprecated without a reason.`
          yield { coordinate, message, declarations: withoutReason }
        } else if (date && withoutDate.length > 0) {
          const message = `The reason why \`${coordinate}\` is deprecated names no day of removal.`
          yield { coordinate, message, declarations: withoutDate }
        }
      }
    }
  },
})

function reasonOf({ node }: ElementView['declarations'][number] | Declaration<never>): string | null {
  const reason = getDirectiveValues(GraphQLDeprecatedDirective, node)?.reason
  return reason === undefined ? null : String(reason).trim() || NO_REASON
}
