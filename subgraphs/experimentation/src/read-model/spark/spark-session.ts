import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { SparkError, SparkUnusableError } from './errors.ts'

/** One `spark-sql` process, to which statements are sent one after the other. */
export type SparkSession = {
  /** Resolves with what the statement wrote to the error output; whether it succeeded has to be seen from its effect. */
  send(statement: string): Promise<string>
  close(): Promise<void>
}

/**
 * Arithmetic that overflows fails only with the first. The second keeps Spark from making a metastore in the folder where it
 * runs.
 */
const SETTINGS = ['spark.sql.ansi.enabled=true', 'spark.sql.catalogImplementation=in-memory']

const CLOSE_TIMEOUT_MS = 20_000
/** Characters of what Spark says that an error quotes: the last ones of a process that has ended, the first of a statement. */
const QUOTED = 2_000

/**
 * Starts Spark. It reads statements from its input, as for a person, because each process takes seconds to start. It shows
 * what it reads again, so the end of a statement is told by a line that only its evaluation can make.
 *
 * @param command the program and its arguments
 * @throws SparkUnusableError where it cannot be started
 */
export async function openSparkSession(command: readonly string[]): Promise<SparkSession> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-spark-'))
  const errorsPath = join(folder, 'stderr')
  const errors = openSync(errorsPath, 'w')
  const [program = '', ...args] = command
  const child = spawn(program, [...args, ...SETTINGS.flatMap((setting) => ['--conf', setting])], {
    cwd: folder,
    stdio: ['pipe', 'pipe', errors],
  })
  closeSync(errors)
  const { stdin, stdout } = pipesOf(child)
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? code}`))
  })
  let waiting: { readonly line: string; readonly done: () => void } | null = null
  let sent = 0
  let readErrors = 0

  createInterface({ input: stdout }).on('line', (line) => {
    if (waiting?.line === line) waiting.done()
  })
  // Writing to a process that has ended fails, which is told by its end.
  stdin.on('error', () => undefined)

  function newErrors(): string {
    const all = readFileSync(errorsPath)
    const added = all.subarray(readErrors)
    readErrors = all.length
    return added.toString()
  }

  async function send(statement: string): Promise<string> {
    sent += 1
    const number = sent
    const answered = new Promise<null>((resolve) => {
      waiting = { line: `statement ${number} ended`, done: () => resolve(null) }
    })
    stdin.write(`${statement};\nselect concat('statement ', '${number} ended');\n`)
    const end = await Promise.race([answered, ended])
    waiting = null
    if (end === null) return newErrors()
    throw new SparkUnusableError(`the command of Spark cannot be used: ${end}\n${newErrors().slice(-QUOTED)}`)
  }

  async function close(): Promise<void> {
    stdin.end()
    await stop(child, ended)
    rmSync(folder, { recursive: true, force: true })
  }

  try {
    await send('select 1')
    return { send, close }
  } catch (error) {
    await close()
    throw error
  }
}

function pipesOf({ stdin, stdout }: ChildProcess) {
  if (stdin === null || stdout === null) throw new Error('a process was started without pipes')
  return { stdin, stdout }
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_TIMEOUT_MS)
  await ended
  clearTimeout(timer)
}

/** @throws SparkError that holds what Spark said, without its stack */
export function failedStatement(said: string): SparkError {
  const lines = said.split('\n').filter((line) => line.trim() !== '' && !/^\s+at |^\s+\.\.\. /.test(line))
  return new SparkError(`Spark failed: ${lines.join('\n').slice(0, QUOTED)}`)
}
