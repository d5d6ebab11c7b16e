import { EXAMPLE_QUERIES } from '@bulkhead/gateway/page/example-queries'
import type { LauncherOptions } from './options.ts'

const JSON_TYPE = "-H 'content-type: application/json'"
const IN_PARTS = "-H 'accept: multipart/mixed;deferSpec=20220824'"

const ANONYMOUS =
  'Others can reach this gateway, so requests without a token are anonymous. Add to each: -H "authorization: Bearer $(npm run -s token -- u1)"'

/**
 * What the launcher says once everything answers.
 * @param options.anonymous whether requests without a token are nobody's, so that the examples need one
 */
export function welcome(
  { ports, mongodbUrl, dataDir }: LauncherOptions,
  { anonymous }: { readonly anonymous: boolean },
): string {
  const url = `http://127.0.0.1:${ports.gateway}/graphql`
  const examples = EXAMPLE_QUERIES.map(({ title, selection, deferred }) => {
    const options = deferred ? `-N ${IN_PARTS} ${JSON_TYPE}` : JSON_TYPE
    return `  # ${title}\n  curl -s ${url} ${options} -d '${JSON.stringify({ query: selection })}'`
  })
  const data = mongodbUrl === null ? `SQLite files in ${dataDir}` : 'MongoDB'
  return [
    '',
    `Bulkhead is ready at ${url} (data: ${data}). Try:`,
    '',
    ...examples,
    '',
    `The same queries on a page, to change and run: http://127.0.0.1:${ports.gateway}/`,
    '',
    ...(anonymous ? [ANONYMOUS, ''] : []),
    'Ctrl-C drains and stops.',
    '',
  ].join('\n')
}
