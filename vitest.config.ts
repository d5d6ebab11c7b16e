import { defineConfig } from 'vitest/config'

/** Two cores are what every machine of ours has; more workers only make timeouts flaky. */
const MAX_WORKERS = 2

export default defineConfig({
  test: {
    maxWorkers: MAX_WORKERS,
    projects: [
      {
        test: {
          name: 'test',
          include: ['{packages,subgraphs}/*/src/**/*.test.ts', '{gateway,schema,dev}/src/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
