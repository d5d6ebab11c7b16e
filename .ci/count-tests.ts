import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/**
 * Adds up what vitest reported, so that a suite that silently did not run fails the build: a workspace without a
 * report, and with --require-mongodb the MongoDB half, which skips itself where there is no server.
 *
 * The numbers are how many tests on MongoDB each report must at least hold: slightly fewer than exist, many more than
 * are left when a suite is forgotten. Add a new workspace here.
 */
const MIN_MONGODB_TESTS: Readonly<Record<string, number>> = {
  'bench-test.json': 0,
  'contracts-test.json': 0,
  'datastore-test.json': 6,
  'dev-test.json': 0,
  'e2e-e2e.json': 13,
  'experimentation-test.json': 43,
  'gateway-test.json': 0,
  'personalization-test.json': 58,
  'schema-test.json': 0,
  'service-test.json': 0,
  'statistics-test.json': 0,
  'threads-test.json': 0,
}

type Report = { testResults: { assertionResults: { fullName: string; status: string }[] }[] }

const { values } = parseArgs({
  options: {
    'require-mongodb': { type: 'boolean' },
    reports: { type: 'string', default: fileURLToPath(new URL('../.reports', import.meta.url)) },
  },
})
const folder = values.reports
const problems: string[] = []
const total = { passed: 0, failed: 0, skipped: 0, onMongo: 0 }

function count(file: string): void {
  const report: Report = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  const tests = report.testResults.flatMap((result) => result.assertionResults)
  const passed = tests.filter(({ status }) => status === 'passed')
  const failed = tests.filter(({ status }) => status === 'failed').length
  const onMongo = passed.filter(({ fullName }) => fullName.includes('on mongodb')).length
  const skipped = tests.length - passed.length - failed
  console.log(
    `${file}: ${passed.length} passed (${onMongo} on MongoDB), ${failed} failed, ${skipped} skipped`,
  )
  total.passed += passed.length
  total.failed += failed
  total.skipped += skipped
  total.onMongo += onMongo
  if (failed > 0) problems.push(`${file}: ${failed} tests failed`)
  if (passed.length === 0) problems.push(`${file}: no test passed`)
  const least = MIN_MONGODB_TESTS[file]
  if (least === undefined) problems.push(`${file}: is not known to .ci/count-tests.ts; enter it there`)
  else if (values['require-mongodb'] && onMongo < least)
    problems.push(`${file}: only ${onMongo} of at least ${least} tests passed on MongoDB`)
}

const written = existsSync(folder) ? readdirSync(folder).toSorted() : []
for (const file of written) count(file)
for (const file of Object.keys(MIN_MONGODB_TESTS)) {
  if (!written.includes(file)) problems.push(`${file}: was not written; did the tests of that workspace run?`)
}
console.log(`on MongoDB: ${total.onMongo}`)
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
