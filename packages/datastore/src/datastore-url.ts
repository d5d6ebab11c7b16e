import { ConnectionString } from 'mongodb-connection-string-url'
import { DatastoreStartupError } from './errors.ts'

export type DatastoreUrl =
  | { kind: 'sqlite'; path: string }
  | { kind: 'mongodb'; url: string; database: string }

const MONGODB_FORM = 'mongodb://host:27017/database?replicaSet=rs0'
const FORMS = `use sqlite:./.data/name.db (a path; sqlite::memory: in tests) or ${MONGODB_FORM}`

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

const HOST = String.raw`(?:\[[\da-f:.%]+\]|[\w.%-]+)(?::\d+)?`
const ONE_HOST = new RegExp(`^${HOST}$`, 'i')
const HOSTS_AND_PATH = new RegExp(`^${HOST}(?:,${HOST})*(?:/[^@?]*)?$`, 'i')

/**
 * Undefined where it is not certain what is host and what is password. The library is content with a password as the
 * port of a host (`user:password`, the @ forgotten), and with one that is cut in two by an @ and a / or ?.
 */
function readMongoUrl(url: string): ConnectionString | undefined {
  try {
    const parsed = new ConnectionString(url)
    const certain = parsed.hosts.every((host) => ONE_HOST.test(host))
    return certain && !`${parsed.pathname}${parsed.search}`.includes('@') ? parsed : undefined
  } catch {
    // The library's message may quote the password.
    return undefined
  }
}

/** Whether the text is a MongoDB URL, with a database or without. */
export function isMongoUrl(text: string): boolean {
  return readMongoUrl(text) !== undefined
}

function readOrRefuse(url: string): ConnectionString {
  const parsed = readMongoUrl(url)
  if (parsed !== undefined) return parsed
  throw new DatastoreStartupError(
    `datastore URL "${redactUrl(url)}" cannot be read: write ${MONGODB_FORM}, with / ? @ : percent-encoded in user, password and options`,
  )
}

/**
 * The database of a MongoDB URL.
 * @throws DatastoreStartupError where there is none, or MongoDB allows no such name
 */
export function mongoDatabase(url: string): string {
  const database = databaseIn(readOrRefuse(url))
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

function databaseIn({ pathname }: ConnectionString): string {
  return decode(pathname.slice(1))
}

/**
 * The MongoDB URL with this database. Its credentials are looked up where they were before: in the database that the
 * URL named, or else in `admin`.
 * @throws DatastoreStartupError for a URL that cannot be read
 */
export function withDatabase(url: string, database: string): string {
  const parsed = readOrRefuse(url)
  const options = parsed.searchParams
  // The other mechanisms have one place for credentials, which is not a database.
  const usesPassword = (options.get('authMechanism') ?? 'SCRAM').startsWith('SCRAM')
  if (parsed.username !== '' && usesPassword && !options.has('authSource')) {
    options.set('authSource', databaseIn(parsed) || 'admin')
  }
  parsed.pathname = `/${database}`
  return parsed.toString()
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

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

/** The values of the options as the URL has them, percent-encoded or not: a message may quote either. */
function writtenOptions(url: string): readonly string[] {
  const [, ...query] = url.split('?')
  return query
    .join('?')
    .split('&')
    .map((option) => option.slice(option.indexOf('=') + 1))
}

/**
 * A driver's message about a URL on one line, without what the URL keeps secret. Of a URL that cannot be read nobody
 * knows what that is, so nothing of the message is shown.
 */
export function redactMessage(message: string, url: string): string {
  const parsed = readMongoUrl(url)
  if (parsed === undefined) return 'the URL cannot be read'
  const options = [...parsed.searchParams]
    // A name without a value is what an unescaped & in a secret leaves behind.
    .map(([name, value]) => value || name)
    .concat(writtenOptions(url))
    .filter((value) => !/^(true|false|\d+)$/.test(value))
  const secrets = [parsed.password, decode(parsed.password), ...options]
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    // The removal of a letter or two would only garble the message.
    .filter((secret) => secret.length > 2)
  return secrets
    .reduce((text, secret) => text.replaceAll(secret, '***'), message.replaceAll(url, redactUrl(url)))
    .replaceAll(/\s*\n\s*/g, ' ')
}
