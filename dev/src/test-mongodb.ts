import { spawnSync } from 'node:child_process'

/**
 * Runs all tests with MongoDB required. Where neither TEST_MONGODB_URL, MONGOMS_SYSTEM_BINARY nor a `mongod` on the
 * PATH gives one, mongodb-memory-server fetches it: the one command of this project that may download a binary.
 */
const { status } = spawnSync('npm', ['test'], {
  stdio: 'inherit',
  env: { ...process.env, REQUIRE_MONGODB: '1', BULKHEAD_MONGOD_DOWNLOAD: '1' },
})
process.exitCode = status ?? 1
