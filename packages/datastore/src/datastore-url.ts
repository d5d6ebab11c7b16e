import { DatastoreStartupError } from './errors.ts'

export type DatastoreUrl =
  | { kind: 'sqlite'; path: string }
  | { kind: 'mongodb'; url: string; database: string }

const FORMS =
  'use sqlite:./.data/name.db (a path; sqlite::memory: in tests) or mongodb://host:27017/database?replicaSet=rs0'

/**
 * Which datastore a URL means.
 * @throws DatastoreStartupError that names the two forms, never the URL's credentials
 */
export function parseDatastoreUrl(url: string): DatastoreUrl {
  if (url.startsWith('sqlite:')) return { kind: 'sqlite', path: sqlitePath(url) }
  if (/^mongodb(\+srv)?:\/\//.test(url)) return { kind: 'mongodb', url, database: mongoDatabase(url) }
  throw new DatastoreStartupError(`datastore URL "${redactUrl(url)}" is of no known kind: ${FORMS}`)
}

function sqlitePath(url: string): string {
  // sqlite:///abs is how others write sqlite:/abs.
  const path = url.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '')
  if (path === '' || path.startsWith('//')) {
    throw new DatastoreStartupError(`datastore URL "${url}" names no file: ${FORMS}`)
  }
  return path
}

/** By hand, because URL refuses the comma-separated hosts of a replica set. */
function mongoDatabase(url: string): string {
  const path = /^mongodb(?:\+srv)?:\/\/[^/?]+\/([^?]*)/.exec(url)?.[1] ?? ''
  const database = decode(path)
  if (database === '') {
    throw new DatastoreStartupError(
      `datastore URL "${redactUrl(url)}" names no database in its path: ${FORMS}`,
    )
  }
  if (/[/\\. "$*<>:|?\0]/.test(database) || Buffer.byteLength(database) > 63) {
    throw new DatastoreStartupError(
      `datastore URL "${redactUrl(url)}" names a database that MongoDB does not allow: use letters, digits, _ and -`,
    )
  }
  return database
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The URL without its user and password, for messages and logs. */
export function redactUrl(url: string): string {
  return url.replace(/^([a-z+]+:\/\/)[^/?]*@/i, '$1***@')
}
