import { StartupError } from '@bulkhead/service/errors'
import { createFileSource } from './file-source.ts'
import type { SupergraphSource } from './supergraph-source.ts'
import { createUrlSource } from './url-source.ts'

/**
 * @param location an http(s) URL, or the path of a file
 * @throws {StartupError} for a URL that is none
 */
export function createSupergraphSource(location: string): SupergraphSource {
  if (!/^https?:/i.test(location)) return createFileSource(location)
  // It is not shown, since it may hold a password.
  if (URL.parse(location) === null)
    throw new StartupError('The URL of the supergraph is not an absolute http:// or https:// URL')
  return createUrlSource(location)
}
