import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { END_WITH_LAUNCHER } from '@bulkhead/dev/processes/end-with-launcher'
import { formatTable } from '@bulkhead/service/format-table'
import { z } from 'zod'
import type { BenchContext } from '../context.ts'
import { createResultsFolder, writeResults } from '../harness/results.ts'
import { growthExponent, median } from '../harness/statistics.ts'
import { type GeneratedGraph, type GraphSize, generateGraph } from './generate-graph.ts'

const CLI = join(import.meta.dirname, '../../..', 'schema', 'src', 'cli.ts')
const REPORT_USAGE = new URL('./report-usage.mjs', import.meta.url).href
const MOST_SECONDS = 10
const MOST_MIB = 1_000
/** The size for which these bounds are meant. */
export const BOUNDED: GraphSize = { subgraphs: 50, types: 5_000, operations: 2_000 }

export type SchemaCheckBenchOptions = { readonly sizes: readonly GraphSize[]; readonly rounds: number }

const usageSchema = z.object({ peakMiB: z.number(), cpuSeconds: z.number() })
/** Of the JSON report, what tells that the check has looked. */
const reportSchema = z.object({
  outcome: z.literal('failed'),
  sections: z.array(z.object({ section: z.string(), findings: z.array(z.object({ code: z.string() })) })),
})

type Figures = GraphSize & {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakMiB: number
  readonly changes: number
}

/** Time and memory of a whole check by the size of the graph. False where it is over the bounds, or finds nothing. */
export async function runSchemaCheckBench(
  { sizes, rounds }: SchemaCheckBenchOptions,
  { write, progress, resources }: BenchContext,
): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-schema-'))
  resources.defer(() => rmSync(folder, { recursive: true }))
  const figures: Figures[] = []
  for (const size of sizes) {
    const graph = join(folder, String(size.types))
    writeGraph(join(graph, 'base'), generateGraph(size, false))
    writeGraph(join(graph, 'head'), generateGraph(size, true))
    const runs: Figures[] = []
    for (let round = 0; round < rounds; round++) {
      progress(`${size.types} types, round ${round + 1} of ${rounds}`)
      runs.push({ ...size, ...(await measure(graph)) })
    }
    const middle = (of: (run: Figures) => number) => median(runs.map(of))
    figures.push({
      ...size,
      seconds: middle(({ seconds }) => seconds),
      cpuSeconds: middle(({ cpuSeconds }) => cpuSeconds),
      peakMiB: middle(({ peakMiB }) => peakMiB),
      changes: middle(({ changes }) => changes),
    })
  }
  write(format(figures))
  const failed = figures.flatMap(failures)
  for (const line of failed) write(`FAILED: ${line}`)
  write(`\n${writeResults(createResultsFolder('schema-check'), { rounds, figures })}`)
  return failed.length === 0
}

function writeGraph(folder: string, { subgraphs, operations }: GeneratedGraph): void {
  mkdirSync(join(folder, 'subgraphs'), { recursive: true })
  for (const [name, sdl] of subgraphs) writeFileSync(join(folder, 'subgraphs', `${name}.graphql`), sdl)
  writeFileSync(join(folder, 'operations.graphql'), operations.join('\n'))
  const rows = [...subgraphs.keys()].map(
    (name) =>
      `  ${name}:\n    routing_url: http://${name}.invalid\n    schema: { file: subgraphs/${name}.graphql }\n`,
  )
  writeFileSync(
    join(folder, 'supergraph.yaml'),
    `federation_version: 2\nsubgraphs:\n${rows.join('')}check:\n  operations: { documents: [operations.graphql] }\n`,
  )
}

/** The whole command, as CI runs it, in a process of its own. */
async function measure(graph: string): Promise<Omit<Figures, keyof GraphSize>> {
  const report = join(graph, 'report.json')
  const began = performance.now()
  const { code, stderr } = await run([
    ...['--import', REPORT_USAGE, CLI, 'check', '--config', join(graph, 'head', 'supergraph.yaml')],
    ...['--base', join(graph, 'base'), '--format', `json=${report}`],
  ])
  const seconds = (performance.now() - began) / 1_000
  // The changes break operations.
  if (code !== 1) throw new Error(`the check ended with ${code}: ${stderr}`)
  const usage = usageSchema.parse(JSON.parse(stderr.split('\n').at(-1) ?? ''))
  const { sections } = reportSchema.parse(JSON.parse(readFileSync(report, 'utf8')))
  const changes = sections.find(({ section }) => section === 'changes')?.findings.length ?? 0
  return { seconds, ...usage, changes }
}

function run(args: readonly string[]): Promise<{ readonly code: unknown; readonly stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [...END_WITH_LAUNCHER, ...args], (error, _, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stderr }),
    )
  })
}

function failures({ subgraphs, types, operations, seconds, peakMiB, changes }: Figures): readonly string[] {
  // Every fifth subgraph has at least five changes in each of its groups of ten types.
  const least = (types / 10 / 5) * 5
  const found = changes < least ? [`${changes} changes were found, not ${least}`] : []
  const isBounded =
    types === BOUNDED.types && subgraphs === BOUNDED.subgraphs && operations === BOUNDED.operations
  const slow =
    isBounded && seconds > MOST_SECONDS ? [`it takes ${seconds.toFixed(1)} s, over ${MOST_SECONDS}`] : []
  const large =
    isBounded && peakMiB > MOST_MIB ? [`it takes ${peakMiB.toFixed(0)} MiB, over ${MOST_MIB}`] : []
  return [...found, ...slow, ...large].map((line) => `${types} types: ${line}`)
}

function format(figures: readonly Figures[]): string {
  const law = (cost: (row: Figures) => number) =>
    growthExponent(figures.map((row) => ({ size: row.types, cost: cost(row) }))).toFixed(2)
  return formatTable(
    ['subgraphs', 'types', 'operations', 'changes', 's', 'CPU s', 'peak MiB'],
    [
      ...figures.map(({ subgraphs, types, operations, changes, seconds, cpuSeconds, peakMiB }) => [
        ...[subgraphs, types, operations, changes].map(String),
        ...[seconds.toFixed(1), cpuSeconds.toFixed(1), peakMiB.toFixed(0)],
      ]),
      [
        ...['grows as types to the', '', '', ''],
        ...[
          law(({ seconds }) => seconds),
          law(({ cpuSeconds }) => cpuSeconds),
          law(({ peakMiB }) => peakMiB),
        ],
      ],
    ],
  )
}
