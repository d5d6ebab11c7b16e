import type { LauncherOptions } from './options.ts'

const QUERIES: readonly (readonly [title: string, query: string])[] = [
  [
    'a slate for one listener, with the experiments it was served under',
    '{ recommendations(userId: "u1", size: 5) { items { edges { rank node { title creator } reason { text } } } servedBy { rung } exposures { experimentKey variantKey status } } }',
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

/** What the launcher says once everything answers. */
export function welcome({ ports, mongodbUrl, dataDir }: LauncherOptions): string {
  const url = `http://127.0.0.1:${ports.gateway}/graphql`
  const examples = QUERIES.map(([title, query]) => {
    const body = JSON.stringify({ query })
    return `  # ${title}\n  curl -s ${url} -H 'content-type: application/json' -d '${body}'`
  })
  const data = mongodbUrl === null ? `SQLite files in ${dataDir}` : 'MongoDB'
  return [
    '',
    `Bulkhead is ready at ${url} (data: ${data}). Try:`,
    '',
    ...examples,
    '',
    'Ctrl-C drains and stops.',
    '',
  ].join('\n')
}
