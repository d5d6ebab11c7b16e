import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

type WriterProcess = {
  freeze(): void
  thaw(): void
  /** `kill -9`, frozen or not; resolves when it is gone and its output is read. */
  kill(): Promise<void>
  /** Slate ids whose exposures were acknowledged to it so far. */
  acknowledged(): readonly string[]
}

/** Starts `ingest-until-killed.ts` on a datastore; resolves when it is about to write. */
export async function startWriter(url: string, name: string): Promise<WriterProcess> {
  const script = fileURLToPath(new URL('./ingest-until-killed.ts', import.meta.url))
  const child = spawn(process.execPath, [script, url, name], { stdio: ['pipe', 'pipe', 'pipe'] })
  const acknowledged: string[] = []
  let complaints = ''
  child.stderr.on('data', (data) => {
    complaints += data
  })
  const exited = once(child, 'close')
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'ready') resolve()
      else acknowledged.push(line)
    })
    exited.then(() => reject(new Error(`the writer did not start: ${complaints}`)), reject)
  })
  return {
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async kill() {
      if (child.exitCode !== null) throw new Error(`the writer exited by itself: ${complaints}`)
      child.kill('SIGKILL')
      await exited
    },
    acknowledged: () => acknowledged,
  }
}
