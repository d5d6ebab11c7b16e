import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { expect, onTestFinished, test } from 'vitest'
import { checkArithmetic } from './spark-run.ts'
import { failedStatement, openSparkSession } from './spark-session.ts'

/** Shows what it reads, and answers markers, as Spark does; `insert` makes an empty result that is whole. */
const ECHO = `
  const { createInterface } = require('node:readline')
  const { mkdirSync, writeFileSync } = require('node:fs')
  createInterface({ input: process.stdin }).on('line', (line) => {
    console.log('spark-sql> ' + line)
    const path = /directory '(.+)'/.exec(line)
    if (path) {
      mkdirSync(path[1], { recursive: true })
      writeFileSync(path[1] + '/_SUCCESS', '')
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
