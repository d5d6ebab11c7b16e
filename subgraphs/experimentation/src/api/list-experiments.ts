import { type ApiClient, ApiError } from '@bulkhead/service/api/api-client'
import { z } from 'zod'

/** The most that the API gives at once. */
const PAGE_SIZE = 100

const DOCUMENT = /* GraphQL */ `
  query ListExperiments($filter: ExperimentFilter, $first: Int!, $after: String) {
    experiments(filter: $filter, first: $first, after: $after) {
      nodes { key name owner status revision version createdAt startedAt stoppedAt }
      pageInfo { hasNextPage endCursor }
      totalCount
    }
  }
`

const experimentSchema = z.object({
  key: z.string(),
  name: z.string(),
  owner: z.string(),
  status: z.string(),
  revision: z.int(),
  version: z.int(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  stoppedAt: z.iso.datetime().nullable(),
})
const dataSchema = z.object({
  experiments: z
    .object({
      nodes: z.array(experimentSchema),
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
      totalCount: z.int(),
    })
    .nullable(),
})

/** An experiment as a list has it; times are RFC 3339. */
export type ListedExperiment = z.infer<typeof experimentSchema>

/**
 * All experiments that fit the filter, the newest first.
 * @param options.statuses empty for all
 * @param options.onPage told how many of how many are read, while there are more
 * @throws ApiError
 */
export async function listExperiments(
  client: ApiClient,
  options: {
    readonly statuses: readonly string[]
    readonly owner: string | null
    readonly onPage?: (read: number, total: number) => void
  },
): Promise<readonly ListedExperiment[]> {
  const { statuses, owner, onPage } = options
  const filter = { ...(statuses.length === 0 ? {} : { statuses }), ...(owner === null ? {} : { owner }) }
  const read: ListedExperiment[] = []
  for (let after: string | null = null; ; ) {
    const variables: Readonly<Record<string, unknown>> = { filter, first: PAGE_SIZE, after }
    const { experiments } = await client.run(DOCUMENT, variables, dataSchema)
    if (experiments === null) throw new ApiError('the API has no list of experiments now: try again')
    const { nodes, pageInfo, totalCount } = experiments
    read.push(...nodes)
    if (!pageInfo.hasNextPage) return read
    // The same page again, for ever.
    if (pageInfo.endCursor === null || pageInfo.endCursor === after) {
      throw new ApiError('the API says that there are more experiments, but not where')
    }
    after = pageInfo.endCursor
    onPage?.(read.length, totalCount)
  }
}
