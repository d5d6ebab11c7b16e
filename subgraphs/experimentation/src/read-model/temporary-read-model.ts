import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDbReadModel } from './duckdb-read-model.ts'

/**
 * An empty read model in a file, so that the log may be larger than memory. Its file goes when it is closed. The engine
 * is loaded at the first call: it is large, and most processes and commands never analyse anything.
 */
export async function openTemporaryReadModel(): Promise<DuckDbReadModel> {
  const { openReadModel } = await import('./duckdb-read-model.ts')
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-analyze-'))
  function remove(): void {
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const model = await openReadModel(join(folder, 'events.duckdb'))
    return { ...model, close: () => model.close().finally(remove) }
  } catch (error) {
    remove()
    throw error
  }
}
