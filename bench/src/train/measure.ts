import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { END_WITH_LAUNCHER } from '@bulkhead/dev/processes/end-with-launcher'
import { z } from 'zod'

const MAIN = fileURLToPath(new URL('./measure-main.ts', import.meta.url))

const figuresSchema = z.object({
  algorithm: z.enum(['ease', 'ials']),
  items: z.number(),
  users: z.number(),
  interactions: z.number(),
  /** From the interactions in memory to the artefact's bytes. */
  seconds: z.number(),
  cpuSeconds: z.number(),
  /** How long training held the event loop at most. */
  longestStepMs: z.number(),
  /** The most memory of the process until training began, and until it was over. */
  beforeMiB: z.number(),
  peakMiB: z.number(),
  artefactMiB: z.number(),
  /** Items that the model recommends for a history of one, of ten that were asked for. */
  recommended: z.number(),
})
export type TrainFigures = z.infer<typeof figuresSchema>

export async function measureTraining(
  algorithm: TrainFigures['algorithm'],
  items: number,
): Promise<TrainFigures> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...END_WITH_LAUNCHER,
    MAIN,
    algorithm,
    String(items),
  ])
  return figuresSchema.parse(JSON.parse(stdout))
}
