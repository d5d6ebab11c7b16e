import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { END_WITH_LAUNCHER } from '@bulkhead/dev/processes/end-with-launcher'
import { z } from 'zod'
import type { Size } from './workload.ts'

const MAIN = fileURLToPath(new URL('./measure-main.ts', import.meta.url))

const figuresSchema = z.object({
  units: z.number(),
  interactionsPerUnit: z.number(),
  /** Time within `feed`, without making the events. */
  feedMs: z.number(),
  /** One look at five metrics. */
  sumsMs: z.number(),
  /** The most memory of the process until the read model was filled, and until the look was over. */
  fedPeakMiB: z.number(),
  peakMiB: z.number(),
  fileMiB: z.number(),
  /** Units that the look has found. */
  counted: z.number(),
})
export type EngineFigures = z.infer<typeof figuresSchema>

/** Fills a read model of this size and takes a look at it. */
export async function measureEngine(size: Size): Promise<EngineFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-bench-analysis-'))
  try {
    const args = [join(folder, 'model.duckdb'), String(size.units), String(size.interactionsPerUnit)]
    const { stdout } = await promisify(execFile)(process.execPath, [...END_WITH_LAUNCHER, MAIN, ...args])
    return figuresSchema.parse(JSON.parse(stdout))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
