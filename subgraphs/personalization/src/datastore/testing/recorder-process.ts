import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('./record-until-killed.ts', import.meta.url))

export type RecorderProcess = {
  /** What it acknowledged so far; grows until it is killed. */
  readonly acknowledged: readonly { readonly kind: string; readonly id: string }[]
  /** `kill -9`; resolves when it is gone and its output is read. Rejects where it had ended by itself. */
  kill(): Promise<void>
}

/** Starts `record-until-killed.ts`, which writes interactions and slates as fast as the datastore takes them. */
export function startRecorder(url: string, prefix: string): RecorderProcess {
  const child = spawn(process.execPath, [SCRIPT, url, prefix], { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const acknowledged: { kind: string; id: string }[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [kind = '', id = ''] = line.split(' ')
    acknowledged.push({ kind, id })
  })
  return {
    acknowledged,
    async kill() {
      child.kill('SIGKILL')
      const [code, signal] = await closed
      if (signal !== 'SIGKILL') throw new Error(`the recorder ended by itself, with exit code ${code}`)
    },
  }
}
