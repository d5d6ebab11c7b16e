import { readFileSync } from 'node:fs'
import { StartupError } from '@bulkhead/service/errors'
import { parseJson } from '@bulkhead/service/json'
import { z } from 'zod'

/** As `@apollo/generate-persisted-query-manifest` writes it. */
const MANIFEST = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(
    z.object({
      id: z.string().min(1),
      name: z.string(),
      type: z.enum(['query', 'mutation', 'subscription']),
      body: z.string().min(1),
    }),
  ),
})

/**
 * Reads the documents of a manifest, by id.
 * @throws {StartupError} of one line, where it is no manifest or has an id for two documents
 */
export function readManifest(path: string): ReadonlyMap<string, string> {
  const parsed = MANIFEST.safeParse(parseJson(read(path)))
  if (!parsed.success) {
    const { path: place = [], message } = parsed.error.issues[0] ?? {}
    throw broken(path, `${place.length === 0 ? 'it' : place.join('.')}: ${message}`)
  }
  const documents = new Map<string, string>()
  for (const { id, body } of parsed.data.operations) {
    if (documents.has(id) && documents.get(id) !== body)
      throw broken(path, `two operations have the id ${id}`)
    documents.set(id, body)
  }
  return documents
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw broken(path, error instanceof Error ? error.message : String(error))
  }
}

function broken(path: string, why: string): StartupError {
  return new StartupError(
    `PERSISTED_OPERATIONS_MANIFEST: ${path} is not an apollo-persisted-query-manifest of version 1 (${why})`,
  )
}
