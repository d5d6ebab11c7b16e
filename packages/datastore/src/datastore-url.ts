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
    throw new DatastoreStartupError(`datastore URL "${redactUrl(url)}" names no file: ${FORMS}`)
  }
  return path
}

/** By hand, because URL refuses the comma-separated hosts of a replica set. */
export function mongoDatabase(url: string): string {
  const [, path = '', query = ''] = /^mongodb(?:\+srv)?:\/\/[^/?]+\/?([^?]*)(.*)$/s.exec(url) ?? []
  if (path.includes('@') || query.includes('@')) {
    throw new DatastoreStartupError(
      `datastore URL "${redactUrl(url)}" has an @ after a / or ?: percent-encode / ? @ : in its user, password and options`,
    )
  }
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

const HOST = String.raw`(?:\[[\da-f:.%]+\]|[\w.%-]+)(?::\d+)?`
const HOSTS_AND_PATH = new RegExp(`^${HOST}(?:,${HOST})*(?:/[^@?]*)?$`, 'i')

/**
 * The URL for messages and logs: scheme, hosts and database, nothing of user, password or query. `***` stands where
 * an odd character leaves open what is host and what is password.
 */
export function redactUrl(url: string): string {
  const [, scheme, rest] = /^([a-z][a-z\d+.-]*:\/\/)(.*)$/is.exec(url) ?? []
  if (scheme === undefined || rest === undefined) return url.includes('@') ? '***' : url
  const credentialsEnd = rest.lastIndexOf('@') + 1
  const [before = ''] = rest.split('?')
  const shown = before.slice(credentialsEnd)
  // An @ behind a ? belongs to a password or to the query: one of them would be shown as hosts.
  if (credentialsEnd > before.length || !HOSTS_AND_PATH.test(shown)) return `${scheme}***`
  return `${scheme}${credentialsEnd > 0 ? '***@' : ''}${shown}`
}

/** A driver's message about a URL on one line, without what the URL keeps secret. */
export function redactMessage(message: string, url: string): string {
  const [, authority = '', query = ''] = /^[^/]*\/\/([^?]*)\??(.*)$/s.exec(url) ?? []
  const password = authority.slice(authority.indexOf(':') + 1, Math.max(0, authority.lastIndexOf('@')))
  const values = query
    .split('&')
    .map((option) => option.slice(option.indexOf('=') + 1))
    .filter((value) => !/^(true|false|\d+)$/.test(value))
  const secrets = [password, ...values]
    .flatMap((secret) => [secret, decode(secret)])
    // The removal of a letter or two would only garble the message.
    .filter((secret) => secret.length > 2)
  return secrets
    .reduce((text, secret) => text.replaceAll(secret, '***'), message.replaceAll(url, redactUrl(url)))
    .replaceAll(/\s*\n\s*/g, ' ')
}
