import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Two cores are what every machine of ours has; more workers only make timeouts flaky. */
const MAX_WORKERS = 2

/**
 * Vite would take graphql's ES modules for our code while Apollo's packages get CommonJS from Node: two copies, whose
 * schemas refuse each other. Node itself takes CommonJS for all.
 */
const ONE_GRAPHQL = [{ find: /^graphql$/, replacement: 'graphql/index.js' }]

const SEEDED_FAST_CHECK = `${import.meta.dirname}/vitest.seeded-fast-check.mjs`

/** Where a seed is given, as in CI, properties draw the same cases each time. */
const seeded = {
  name: 'seeded-fast-check',
  enforce: 'pre' as const,
  resolveId: (source: string, importer: string | undefined) =>
    source === 'fast-check' && importer !== SEEDED_FAST_CHECK ? SEEDED_FAST_CHECK : null,
}
const PLUGINS = process.env.FAST_CHECK_SEED === undefined ? [] : [seeded]

/**
 * Node keeps what it has compiled here. Tests start programs of ours more than a hundred times, which spend half of
 * their start on compiling. A test that starts one with an environment of its own hands this on.
 */
process.env.NODE_COMPILE_CACHE ??= `${import.meta.dirname}/node_modules/.cache/compiled`

/** These start processes, or write much: each takes as long as many others together. */
const LONG = /\/(launcher-\w+|processes|cli|demo-command|sqlite\/store)\.test\.ts$/

/** The long files first, so that one worker has the short ones to run while the other is still at a long one. */
class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { long = [], short = [] } = Object.groupBy(await super.sort(files), ({ moduleId }) =>
      LONG.test(moduleId) ? 'long' : 'short',
    )
    return [...long, ...short]
  }
}

export default defineConfig({
  test: {
    maxWorkers: MAX_WORKERS,
    sequence: { sequencer: LongFilesFirst },
    projects: [
      {
        plugins: PLUGINS,
        resolve: { alias: ONE_GRAPHQL },
        test: {
          name: 'test',
          include: [
            '{packages,subgraphs}/*/src/**/*.test.ts',
            '{gateway,schema,dev,bench}/src/**/*.test.ts',
            'schema/build/*.test.ts',
          ],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins: PLUGINS,
        resolve: { alias: ONE_GRAPHQL },
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.ts'],
          globalSetup: ['e2e/harness/demo-template.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
