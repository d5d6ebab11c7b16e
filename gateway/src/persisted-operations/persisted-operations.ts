import { createHash } from 'node:crypto'
import { COMMON_ERRORS, type ServiceError, serviceError } from '@bulkhead/service/errors'
import { LRUCache } from 'lru-cache'
import { GATEWAY_ERRORS } from '../errors.ts'
import type { PersistedOperationsMode } from './persisted-settings.ts'

/** Upper bounds on documents that clients have registered, and on the text of all; the least recently used go. */
const MAX_REGISTERED = 10_000
const MAX_CHARACTERS = 8_000_000

/** Apollo Client knows these refusals by their messages, too. */
const NOT_FOUND = serviceError(COMMON_ERRORS.PERSISTED_QUERY_NOT_FOUND, 'PersistedQueryNotFound')
const NOT_SUPPORTED = serviceError(COMMON_ERRORS.PERSISTED_QUERY_NOT_SUPPORTED, 'PersistedQueryNotSupported')

type Asked = {
  /** The document; undefined where the client sends the hash alone. */
  readonly query: string | undefined
  /** The hash, or the id from a manifest; undefined where the client sends the document alone. */
  readonly hash: string | undefined
}

export type PersistedOperations = {
  /** The document to execute. */
  documentOf(asked: Asked): string | ServiceError
  /** To be called once the document was found to be a valid operation: only these are registered. */
  register(hash: string, document: string): void
}

/** @param manifest documents by id; they are there in each mode but `off` */
export function createPersistedOperations(
  mode: PersistedOperationsMode,
  manifest: ReadonlyMap<string, string>,
): PersistedOperations {
  switch (mode) {
    case 'off':
      return { documentOf: ({ query }) => query ?? NOT_SUPPORTED, register: () => undefined }
    case 'safelist':
      return createSafelist(manifest)
    case 'apq':
      return createRegistry(manifest)
  }
}

/** What the manifest lists, by id or word for word, and nothing else. */
function createSafelist(manifest: ReadonlyMap<string, string>): PersistedOperations {
  const documents = new Set(manifest.values())
  const refusal = serviceError(GATEWAY_ERRORS.OPERATION_NOT_IN_SAFELIST)
  return {
    documentOf({ query, hash }) {
      const document = hash === undefined ? query : manifest.get(hash)
      if (document === undefined || !documents.has(document)) return refusal
      return query === undefined || query === document ? document : refusal
    },
    register: () => undefined,
  }
}

/** Automatic persisted queries: clients register documents under their SHA-256. */
function createRegistry(manifest: ReadonlyMap<string, string>): PersistedOperations {
  const registered = new LRUCache<string, string>({
    max: MAX_REGISTERED,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (document) => document.length,
  })
  const find = (hash: string) => manifest.get(hash) ?? registered.get(hash)

  return {
    documentOf({ query, hash }) {
      if (hash === undefined) return query ?? NOT_FOUND
      if (query === undefined) return find(hash) ?? NOT_FOUND
      if (find(hash) === query || sha256(query) === hash) return query
      return serviceError(GATEWAY_ERRORS.PERSISTED_QUERY_HASH_MISMATCH)
    },
    register(hash, document) {
      // The hash was compared when it came with a document; one that came alone is registered already.
      if (find(hash) === undefined) registered.set(hash, document)
    },
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
