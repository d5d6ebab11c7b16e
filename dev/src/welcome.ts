import { EXAMPLE_QUERIES } from '@bulkhead/gateway/page/example-queries'
import type { LauncherOptions } from './options.ts'

const JSON_TYPE = "-H 'content-type: application/json'"
const IN_PARTS = "-H 'accept: multipart/mixed;deferSpec=20220824'"

/** What the launcher says once everything answers. */
export function welcome({ ports, mongodbUrl, dataDir }: LauncherOptions): string {
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
    'Ctrl-C drains and stops.',
    '',
  ].join('\n')
}
