import { readFile } from 'node:fs/promises'
import type { SupergraphSource } from './supergraph-source.ts'

/**
 * The file is read in full each time, because file events do not survive the ways in which deployments replace files:
 * renames, bind mounts, symbolic links of Kubernetes.
 */
export function createFileSource(path: string): SupergraphSource {
  return {
    what: 'file',
    place: { path },
    read: (signal) => readFile(path, { encoding: 'utf8', signal }),
  }
}
