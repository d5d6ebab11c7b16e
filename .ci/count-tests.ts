import { readdirSync, readFileSync } from 'node:fs'

/**
 * Adds up what vitest reported, so that a suite that silently did not run fails the build: the MongoDB half above
 * all, which skips itself where there is no server.
 */
const REPORTS = new URL('../.reports/', import.meta.url)
/** Well below what exists, well above what a forgotten suite would leave. */
const MIN_MONGODB_TESTS = 60

type Report = { testResults: { assertionResults: { fullName: string; status: string }[] }[] }

const counts = { passed: 0, failed: 0, skipped: 0, mongodb: 0 }
for (const file of readdirSync(REPORTS)) {
  const report: Report = JSON.parse(readFileSync(new URL(file, REPORTS), 'utf8'))
  for (const { fullName, status } of report.testResults.flatMap((result) => result.assertionResults)) {
    if (status === 'passed') counts.passed += 1
    else if (status === 'failed') counts.failed += 1
    else counts.skipped += 1
    if (status === 'passed' && fullName.includes('on mongodb')) counts.mongodb += 1
  }
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
console.log(`of these on MongoDB: ${counts.mongodb}`)
if (counts.failed > 0 || counts.passed === 0) process.exitCode = 1
if (process.argv.includes('--require-mongodb') && counts.mongodb < MIN_MONGODB_TESTS) {
  console.error(
    `MongoDB is here, but only ${counts.mongodb} of at least ${MIN_MONGODB_TESTS} tests ran on it`,
  )
  process.exitCode = 1
}
