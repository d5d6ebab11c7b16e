import type { LauncherOptions } from './options.ts'

const JSON_TYPE = "-H 'content-type: application/json'"
const IN_PARTS = "-H 'accept: multipart/mixed;deferSpec=20220824'"

type Example = readonly [title: string, query: string, curlOptions?: string]

const EXAMPLES: readonly Example[] = [
  [
    'a slate for one listener at once, and in a later part the experiments it was served under',
    '{ recommendations(userId: "u1", size: 5) { items { edges { rank node { title creator } reason { text } } } servedBy { rung } ... @defer { exposures { experimentKey variantKey status } } } }',
    `-N ${IN_PARTS}`,
  ],
  [
    'every experiment, and how many listeners saw each variant so far',
    '{ experiments { nodes { key status exposureCounts { variantKey units exposures } } } }',
  ],
  [
    'the model in production, and what it was trained on',
    '{ modelVersions { nodes { id algorithm stage trainingData { users items interactions } } } }',
  ],
]

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
  const examples = EXAMPLES.map(([title, query, curlOptions]) => {
    const options = curlOptions === undefined ? JSON_TYPE : `${curlOptions} ${JSON_TYPE}`
    return `  # ${title}\n  curl -s ${url} ${options} -d '${JSON.stringify({ query })}'`
  })
  const data = mongodbUrl === null ? `SQLite files in ${dataDir}` : 'MongoDB'
  return [
    '',
    `Bulkhead is ready at ${url} (data: ${data}). Try:`,
    '',
    ...examples,
    '',
    ...(anonymous ? [ANONYMOUS, ''] : []),
    'Ctrl-C drains and stops.',
    '',
  ].join('\n')
}
