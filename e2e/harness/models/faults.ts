import { renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** How a model fails: `slow` takes so much CPU time for each list, `hangs` never has one. */
export type Fault =
  | { readonly kind: 'throws' | 'empty' | 'hangs' }
  | { readonly kind: 'slow'; readonly ms: number }

/** By what the algorithm of the models begins with: its parameters come after its name. */
export type Faults = Readonly<Record<string, Fault>>

export function isFault(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null && 'kind' in value
}

/** Settings with which a process can have faulty models, as the file says. */
export function faultyModelsEnv(file: string): Readonly<Record<string, string>> {
  const hook = fileURLToPath(new URL('./faulty-models.ts', import.meta.url))
  return { NODE_OPTIONS: `--import=${hook}`, FAULTY_MODELS: file }
}

/** From the next list on. */
export function setFaults(file: string, faults: Faults): void {
  // At once: the file is read while it is written.
  const written = `${file}.new`
  writeFileSync(written, JSON.stringify(faults))
  renameSync(written, file)
}
