import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { END_WITH_LAUNCHER } from '@bulkhead/dev/processes/end-with-launcher'
import { z } from 'zod'

const MAIN = fileURLToPath(new URL('./measure-main.ts', import.meta.url))

const figuresSchema = z.object({
  items: z.number(),
  dimensions: z.number(),
  /** From factors as an artefact has them to items in groups. */
  buildCpuSeconds: z.number(),
  /** The longest piece of that. */
  longestStepMs: z.number(),
  /** Of the best 100 items of a listener, the share that the groups give: the mean over listeners, and the least. */
  recall: z.number(),
  worstRecall: z.number(),
  /** CPU time in ms of a list of 100 from all items and from groups, in turns. */
  rounds: z.array(z.object({ all: z.number(), groups: z.number() })),
  factorsMiB: z.number(),
  /** What the groups take besides the factors. */
  groupsMiB: z.number(),
  /** Of the process, which has the factors twice and what it measures with. */
  peakMiB: z.number(),
})
export type NearestFigures = z.infer<typeof figuresSchema>

export async function measureNearest(items: number, dimensions: number): Promise<NearestFigures> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...END_WITH_LAUNCHER,
    MAIN,
    String(items),
    String(dimensions),
  ])
  return figuresSchema.parse(JSON.parse(stdout))
}
