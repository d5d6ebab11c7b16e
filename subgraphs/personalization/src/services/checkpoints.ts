import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readSafetensors, writeSafetensors } from '../domain/artefact/safetensors.ts'
import type { IalsCheckpoint } from '../domain/ials/train.ts'

/** Where a training keeps what it could go on from. `run` names everything that decides its result: data and parameters. */
export type Checkpoints = {
  /** Replaces the checkpoint that is there; durable when it resolves. */
  save(run: string, checkpoint: IalsCheckpoint): Promise<void>
  /** Null where there is none of this run, or only a damaged one. */
  load(run: string): Promise<IalsCheckpoint | null>
  clear(): Promise<void>
}

const FILE = 'training-checkpoint.safetensors'
const FACTORS = 'item.factors'

/**
 * One file in `folder`, a safetensors file whose tensor holds the factors' bytes: training computes with 64 bits, and a
 * resumed run must end with the same artefact. Only the last training that was interrupted can go on.
 */
export function createFileCheckpoints(folder: string): Checkpoints {
  const path = join(folder, FILE)
  return {
    async save(run, { epochs, itemFactors }) {
      const data = new Uint8Array(itemFactors.buffer, itemFactors.byteOffset, itemFactors.byteLength)
      const bytes = writeSafetensors({
        metadata: new Map([
          ['run', run],
          ['epochs', String(epochs)],
          ['sha256', sha256(data)],
        ]),
        tensors: new Map([[FACTORS, { dtype: 'U8', shape: [data.length], data }]]),
      })
      await mkdir(folder, { recursive: true })
      // A name of this process, so that two trainings at once do not write into one file.
      const unfinished = `${path}.${process.pid}`
      const file = await open(unfinished, 'w')
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(unfinished, path)
    },
    async load(run) {
      try {
        const { metadata, tensors } = readSafetensors(await readFile(path))
        const data = tensors.get(FACTORS)?.data
        if (metadata.get('run') !== run || !(data instanceof Uint8Array)) return null
        if (metadata.get('sha256') !== sha256(data)) return null
        return { epochs: Number(metadata.get('epochs')), itemFactors: new Float64Array(data.slice().buffer) }
      } catch {
        // Missing or damaged: training starts from the beginning, as if there had never been one.
        return null
      }
    },
    async clear() {
      const names = await readdir(folder).catch(() => [])
      // Those with a number are left over from processes that were killed while they wrote.
      const ours = names.filter((name) => name === FILE || name.startsWith(`${FILE}.`))
      await Promise.all(ours.map((name) => rm(join(folder, name), { force: true })))
    },
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
