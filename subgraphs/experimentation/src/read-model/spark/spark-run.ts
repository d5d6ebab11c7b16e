import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Cell } from '../event-rows.ts'
import type { Column, SqlRun, TextRow } from '../sql-run.ts'
import { SparkError, SparkUnusableError } from './errors.ts'
import { failedStatement, type SparkSession } from './spark-session.ts'

/** How Spark names numbers that do not fit. */
const OVERFLOW = /ARITHMETIC_OVERFLOW|NUMERIC_VALUE_OUT_OF_RANGE|NUMERIC_OUT_OF_SUPPORTED_RANGE/

const MATERIALISED = /^create (?:or replace )?temporary table (\w+) as\n([\s\S]+)$/
const TYPES = { bigint: 'bigint', varchar: 'string' } as const
const rowSchema = z.record(z.string(), z.string())

/**
 * Runs the statements of one query on Spark. The texts of queries are the same as on DuckDB; only what surrounds them
 * differs: Spark has no temporary tables, so there are cached views, and results come as files, which say whether they are
 * whole.
 *
 * @param folder of its own, which Spark can write and this process read; the path is safe to be put into a statement
 */
export function createSparkRun(session: SparkSession, folder: string): SqlRun {
  const texts: string[] = []
  const asked = new Map<string, { readonly columns: readonly Column[]; readonly rows: (readonly Cell[])[] }>()
  let files = 0

  function newPath(name: string): string {
    files += 1
    return join(folder, `${name}-${files}`)
  }

  /** Rows of a query, of which every column is a text. */
  async function rowsOf(query: string): Promise<readonly TextRow[]> {
    const path = newPath('result')
    const said = await session.send(`insert overwrite directory '${path}' using json\n${query}`)
    // Spark makes it when everything is written.
    if (!existsSync(join(path, '_SUCCESS'))) throw failedStatement(said)
    const parts = readdirSync(path).filter((name) => name.startsWith('part-'))
    const lines = parts.flatMap((name) => readFileSync(join(path, name), 'utf8').split('\n'))
    rmSync(path, { recursive: true })
    return lines.filter((line) => line !== '').map((line) => rowSchema.parse(JSON.parse(line)))
  }

  async function showAsked(name: string): Promise<void> {
    const table = asked.get(name)
    if (table === undefined) throw new Error(`a query has no table ${name}`)
    const { columns, rows } = table
    mkdirSync(folder, { recursive: true })
    const path = newPath(name)
    writeFileSync(path, rows.map((row) => jsonLine(columns, row)).join(''))
    const types = columns.map(([column, type]) => `${column} ${TYPES[type]}`)
    await session.send(
      `create or replace temporary view ${name} (${types.join(', ')}) using json options (path '${path}', mode 'FAILFAST')`,
    )
  }

  return {
    texts,
    async createTable(name, columns) {
      asked.set(name, { columns, rows: [] })
      await showAsked(name)
    },
    async insert(name, rows) {
      if (rows.length === 0) return
      asked.get(name)?.rows.push(...rows)
      await showAsked(name)
    },
    async run(sql) {
      texts.push(sql)
      const [, name, query] = MATERIALISED.exec(sql) ?? []
      if (name === undefined || query === undefined) throw new SparkError(`Spark cannot run: ${sql}`)
      // One of this name may be there from a query before; nothing reads it any more.
      await session.send(`uncache table if exists ${name}`)
      const said = [
        await session.send(`create or replace temporary view ${name} as\n${query}`),
        await session.send(`cache lazy table ${name}`),
      ]
      try {
        await rowsOf(`select cast(count(*) as string) as n from ${name}`)
      } catch (error) {
        if (!(error instanceof SparkError)) throw error
        // What is wrong with a query is said when its view is made, or only when it runs.
        throw said.every((text) => text.trim() === '')
          ? error
          : failedStatement([...said, error.message].join('\n'))
      }
    },
    read(sql) {
      texts.push(sql)
      return rowsOf(sql)
    },
    isOverflow: (error) => error instanceof SparkError && OVERFLOW.test(error.message),
  }
}

function jsonLine(columns: readonly Column[], row: readonly Cell[]): string {
  const fields = columns.map(([name], at) => {
    const cell = row[at] ?? null
    return `${JSON.stringify(name)}:${typeof cell === 'bigint' ? cell : JSON.stringify(cell)}`
  })
  return `{${fields.join(',')}}\n`
}

/**
 * @throws SparkUnusableError where a sum that overflows does not fail: it would come out as another number
 */
export async function checkArithmetic(session: SparkSession, folder: string): Promise<void> {
  const run = createSparkRun(session, folder)
  const sum = 'sum(cast(6e37 as decimal(38,0)))'
  try {
    await run.read(`select cast(${sum} as string) as n from (select explode(array(1, 2)) as i)`)
  } catch (error) {
    if (run.isOverflow(error)) return
    throw error
  }
  throw new SparkUnusableError(
    'Spark does not check arithmetic: its command must leave spark.sql.ansi.enabled on',
  )
}
