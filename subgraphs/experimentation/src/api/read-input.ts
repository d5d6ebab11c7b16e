import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { ApiError } from '@bulkhead/service/api/api-client'
import { isRecord, parseJson } from '@bulkhead/service/json'

/**
 * The JSON object of a file.
 * @param file `-` for the standard input
 * @throws ApiError where it cannot be read, or holds something else
 */
export async function readInput(file: string): Promise<Readonly<Record<string, unknown>>> {
  const input = parseJson(await readText(file))
  if (isRecord(input)) return input
  const where = file === '-' ? 'the standard input' : file
  throw new ApiError(`${where} holds no JSON object: write a CreateExperimentInput of the schema`)
}

async function readText(file: string): Promise<string> {
  if (file === '-') return text(process.stdin)
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new ApiError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
