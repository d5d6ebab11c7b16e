import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { expect, onTestFinished, test } from 'vitest'
import { exportEvents } from '../export/exporter.ts'
import { createLogStore } from '../testing/log-store.ts'
import { sampleSumsQuery } from '../testing/sample-queries.ts'
import { checkArithmetic, createSparkRun } from './spark-run.ts'
import { failedStatement, openSparkSession } from './spark-session.ts'
import { createSparkSums } from './spark-sums.ts'

/** Shows what it reads, and answers markers, as Spark does; `insert` makes an empty result that is whole. */
const ECHO = `
  const { createInterface } = require('node:readline')
  const { mkdirSync, rmSync, writeFileSync } = require('node:fs')
  let result
  createInterface({ input: process.stdin }).on('line', (line) => {
    console.log('spark-sql> ' + line)
    const path = /directory '(.+)'/.exec(line)
    if (path) {
      result = path[1]
      mkdirSync(result, { recursive: true })
      writeFileSync(result + '/_SUCCESS', '')
    }
    if (line.includes('from broken')) {
      rmSync(result + '/_SUCCESS')
      console.error('[ARITHMETIC_OVERFLOW] too large')
    }
    if (line.startsWith('fail')) console.error('[SOME_ERROR] it failed\\n\\tat org.apache.Spark(x.scala:1)')
    const marker = /concat\\('(.+)', '(.+)'\\)/.exec(line)
    if (marker) console.log(marker[1] + marker[2])
  })`

test('what a statement says is told together with its end', async () => {
  const session = await openSparkSession([execPath, '-e', ECHO, '--'])
  onTestFinished(() => session.close())
  expect(await session.send('select 2')).toBe('')
  const said = await session.send('fail')
  expect(failedStatement(said).message).toBe('Spark failed: [SOME_ERROR] it failed')
  expect(await session.send('select 3')).toBe('')
})

test('a Spark that does not check arithmetic is refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-spark-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const session = await openSparkSession([execPath, '-e', ECHO, '--'])
  onTestFinished(() => session.close())
  await expect(checkArithmetic(session, folder)).rejects.toMatchObject({ code: 'SPARK_UNUSABLE' })
})

test('and gives no sums', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-spark-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const session = await openSparkSession([execPath, '-e', ECHO, '--'])
  onTestFinished(() => session.close())
  const store = createLogStore([])
  const manifest = await exportEvents({
    ...{ store, folder, format: 'parquet', archive: null, clock: { now: () => 0 }, limit: 1 },
    onProgress: () => undefined,
  })
  const sums = createSparkSums({ session, folder, manifest })
  await expect(sums(sampleSumsQuery({ asOf: 0 }))).rejects.toMatchObject({ code: 'SPARK_UNUSABLE' })
})

test('a table whose query fails only when it runs says why', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-spark-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const session = await openSparkSession([execPath, '-e', ECHO, '--'])
  onTestFinished(() => session.close())
  const run = createSparkRun(session, folder)
  const error: unknown = await run.run('create temporary table broken as\nselect 1').catch((reason) => reason)
  expect(error).toMatchObject({ message: expect.stringContaining('[ARITHMETIC_OVERFLOW] too large') })
  expect(run.isOverflow(error)).toBe(true)
})

test.each([
  [['/no/such/spark-sql'], /ENOENT/],
  [[execPath, '-e', 'console.error("no Java"); process.exit(3)', '--'], /it ended with 3[\s\S]*no Java/],
])('a command that is no Spark is refused: %j', async (command, message) => {
  const opened = openSparkSession(command)
  await expect(opened).rejects.toMatchObject({
    code: 'SPARK_UNUSABLE',
    message: expect.stringMatching(message),
  })
})
