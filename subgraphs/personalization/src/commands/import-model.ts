import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ImportModel } from '../command-line/models.ts'
import { ArtefactError } from '../domain/artefact/artefact-error.ts'
import { ImportError } from '../import/import-error.ts'
import { importModel, ModelRefusedError } from '../services/model-import-service.ts'
import { counted, grouped } from '../terminal/terminal.ts'
import type { CommandContext } from './context.ts'

/** @throws ImportError for a file that cannot be read, is no artefact, or knows no item of the catalogue */
export async function importModelFile(
  { file, model: name, owner, json }: ImportModel,
  { store, clock, out }: CommandContext,
): Promise<number> {
  const path = resolve(file)
  const artefact = await read(path)
  try {
    const imported = await importModel({ store, clock, artefact, name, owner })
    const { version, items, inCatalogue, known } = imported
    const { id, algorithm, stage, artefactHash } = version
    if (json) {
      out.write(`${JSON.stringify({ id, algorithm, stage, artefactHash, items, inCatalogue, known })}\n`)
      return 0
    }
    const place = stage === 'PRODUCTION' ? 'in production' : `${stage}, and does not serve yet`
    out.write(
      `Model ${id} (${algorithm}) ${known ? 'was known already' : 'is registered'}: ` +
        `${counted(items, 'item')}, ${grouped(inCatalogue)} of them in the catalogue; it is ${place}\n`,
    )
    return 0
  } catch (error) {
    if (!(error instanceof ArtefactError || error instanceof ModelRefusedError)) throw error
    throw new ImportError(`cannot import ${path}: ${error.message}`, { cause: error })
  }
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    throw new ImportError(`cannot read ${path}: ${error.message}`, { cause: error })
  }
}
