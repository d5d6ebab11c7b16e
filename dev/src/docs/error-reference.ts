import { EXPERIMENTATION_ERRORS } from '@bulkhead/experimentation/errors'
import { GATEWAY_ERRORS } from '@bulkhead/gateway/errors'
import { PERSONALIZATION_ERRORS } from '@bulkhead/personalization/errors'
import { COMMON_ERRORS, type ErrorDefinition } from '@bulkhead/service/errors'
import { table } from './markdown.ts'

/** Path of the generated page. */
export const ERROR_REFERENCE = new URL('../../../docs/errors.md', import.meta.url)

const SECTIONS: readonly (readonly [title: string, registry: Readonly<Record<string, ErrorDefinition>>])[] = [
  ['Every service', COMMON_ERRORS],
  ['Gateway', GATEWAY_ERRORS],
  ['Personalization', PERSONALIZATION_ERRORS],
  ['Experimentation', EXPERIMENTATION_ERRORS],
]

function section([title, registry]: (typeof SECTIONS)[number]): string {
  const rows = Object.values(registry).map(({ code, meaning, retryable, whatToDo, httpStatus }) => [
    `\`${code}\``,
    meaning,
    retryable ? 'yes' : 'no',
    String(httpStatus),
    whatToDo,
  ])
  return `## ${title}\n${table(['code', 'meaning', 'retry as it is', 'HTTP', 'what to do'], rows)}`
}

/** The page that lists every code a client can meet, made from the services' registries. */
export function renderErrorReference(): string {
  return `${[
    '# Error codes',
    'Generated from the `errors.ts` of each service by `npm run docs`; do not edit.',
    [
      'A code is stable; a message may change. Codes stand in three places: `extensions.code` of a GraphQL error,',
      '`code` of a `UserError` in the payload of a mutation, `error.code` of a plain HTTP answer. GraphQL over HTTP',
      'answers 200 once the operation ran; the status below is that of plain HTTP routes and of refused operations.',
    ].join('\n'),
    ...SECTIONS.map(section),
  ].join('\n\n')}\n`
}
