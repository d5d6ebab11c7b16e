import { z } from 'zod'

/** Messages complete "Expected: …". Keys are those of the file. */

const DEFAULT_WINDOW_DAYS = 30
const DEFAULT_LEAST_REQUESTS = 1_000
const MAX_WINDOW_DAYS = 3_650

const text = z.string().min(1, 'a text that is not empty')
const patterns = z.array(text).min(1, 'at least one pattern, or no such key').default([])

const subgraphName = z
  .string()
  .regex(
    /^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/,
    'a name of letters, digits, _ and - that begins with a letter and has at most 64 characters',
  )

const schemaSource = z
  .strictObject({
    file: text
      .optional()
      .describe(
        'Path or glob pattern of the files with the SDL, relative to this file. Several files are one schema.',
      ),
    sdl: text.optional().describe('The SDL itself, instead of a file.'),
    subgraph_url: z
      .unknown()
      .optional()
      .refine(
        (url) => url === undefined,
        'a `file`: this tool works offline and asks no service for its schema',
      )
      .describe("Rover's, refused here: this tool works offline."),
    graphref: z
      .unknown()
      .optional()
      .refine((ref) => ref === undefined, 'a `file`: this tool works offline and asks no registry')
      .describe("Rover's, refused here: this tool works offline."),
    subgraph: z
      .unknown()
      .optional()
      .refine((name) => name === undefined, 'a `file`: this tool works offline and asks no registry')
      .describe("Rover's, with `graphref`; refused here."),
  })
  .refine(
    ({ file, sdl, ...refused }) =>
      (file === undefined) !== (sdl === undefined) || Object.values(refused).some((one) => one !== undefined),
    'either `file` or `sdl`',
  )
  .describe('Where the SDL is.')

const subgraph = z
  .strictObject({
    routing_url: text
      .optional()
      .describe(
        'Where a router finds the subgraph. It stands in the composed supergraph; a check does not use it.',
      ),
    schema: schemaSource,
  })
  .describe('A subgraph.')

const operations = z
  .strictObject({
    documents: patterns.describe('Patterns of `.graphql` files with operations and fragments of clients.'),
    manifests: patterns.describe('Patterns of Apollo persisted-query manifests, version 1.'),
    usage: patterns.describe(
      'Patterns of files with recorded usage, as the gateway writes them (docs/usage-record.schema.json).',
    ),
    usage_window_days: z
      .int('a whole number of days')
      .min(1, `days from 1 to ${MAX_WINDOW_DAYS}`)
      .max(MAX_WINDOW_DAYS, `days from 1 to ${MAX_WINDOW_DAYS}`)
      .default(DEFAULT_WINDOW_DAYS)
      .describe('How many days back recorded usage counts.'),
    least_requests: z
      .int('a whole number of requests')
      .min(1, 'a number of at least 1')
      .default(DEFAULT_LEAST_REQUESTS)
      .describe('With fewer recorded requests within the window nothing counts as unused.'),
  })
  .describe('The operations that clients are known to send.')

const level = z.enum(['off', 'warning', 'error'])
const lintSetting = z.union(
  [
    level,
    z.strictObject({
      level: level.describe('How bad it is to break the rule.'),
      options: z.record(z.string(), z.unknown()).default({}).describe('What the page of the rule lists.'),
    }),
  ],
  { error: '`off`, `warning` or `error`, or a mapping with `level` and `options`' },
)

const lint = z
  .strictObject({
    rules: z
      .record(z.string(), lintSetting)
      .default({})
      .describe('Rules that differ from the recommended setting, by name.'),
  })
  .describe('What is asked of the schema beyond being valid.')

const owners = z
  .array(
    z.strictObject({
      pattern: text.describe(
        'A schema coordinate such as `Item.*`, `Query.items` or `@tag`, or a subgraph with a colon after it.',
      ),
      owners: z
        .array(text)
        .min(1, 'at least one owner')
        .describe('Who answers for it: teams, people or addresses.'),
    }),
  )
  .describe('Who owns which part of the graph. The last row that matches counts, as in CODEOWNERS.')

const contracts = z
  .strictObject({
    schemas: text.describe('Pattern of the JSON Schema files that are contracts between services.'),
    experiments: text
      .optional()
      .describe('Path of a file with payloads of running experiments, which must go on to fit their schema.'),
  })
  .describe('Contracts between services that are not GraphQL.')

const check = z
  .strictObject({
    base: text
      .optional()
      .describe(
        'What to compare with: a git ref, a folder, a supergraph file, or `none`. `--base` goes before it.',
      ),
    removed_subgraphs: z
      .array(subgraphName)
      .default([])
      .describe(
        'Subgraphs of the base that are gone on purpose. Without this a missing subgraph stops the check.',
      ),
    operations: operations.optional(),
    lint: lint.optional(),
    owners: owners.optional(),
    contracts: contracts.optional(),
    approvals: text.optional().describe('Path of the file of approvals.'),
    baseline: text.optional().describe('Path of the file that `--write-baseline` writes.'),
    fail_on: z
      .enum(['breaking', 'dangerous'])
      .default('breaking')
      .describe('What fails a check: breaking changes, or dangerous ones too.'),
  })
  .describe('The settings of bulkhead-schema.')

const federationVersion = z
  .union([z.literal(2), z.string().regex(/^(latest-)?=?2(\.\d+){0,2}$/)], {
    error: '2, or a version such as =2.12.0: federation 1 is not supported',
  })
  .describe(
    'The version of federation, 2 or as in =2.12.0. It is composed with the version that this tool has.',
  )

const subgraphs = z
  .record(subgraphName, subgraph)
  .refine((all) => Object.keys(all).length > 0, 'at least one subgraph')
  .describe('The subgraphs, by name.')

/** The configuration file. */
export const configFileSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where an editor finds the JSON Schema of this file.'),
    federation_version: federationVersion.optional(),
    subgraphs,
    check: check.optional(),
  })
  .meta({
    title: 'Configuration of bulkhead-schema',
    description: "The graph, in the shape of rover's supergraph.yaml, and under `check` what is asked of it.",
  })

/** The same of a base, whose other settings are not used and may be of another version. */
export const baseFileSchema = z.looseObject({ federation_version: federationVersion.optional(), subgraphs })

export type BaseFile = Pick<z.infer<typeof configFileSchema>, 'subgraphs' | 'federation_version'>

/** For editors and other programs; committed as `schema/config.schema.json`. */
export function configJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(configFileSchema, { io: 'input', unrepresentable: 'any' }), null, 2)}\n`
}
