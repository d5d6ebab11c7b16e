import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isMongoUrl, parseDatastoreUrl, redactMessage, redactUrl, withDatabase } from './datastore-url.ts'

test.each([
  ['sqlite:./.data/x.db', './.data/x.db'],
  ['sqlite:/var/lib/x.db', '/var/lib/x.db'],
  ['sqlite:///var/lib/x.db', '/var/lib/x.db'],
  ['sqlite:with space.db', 'with space.db'],
  ['sqlite::memory:', ':memory:'],
])('%s is the file %s', (url, path) => {
  expect(parseDatastoreUrl(url)).toEqual({ kind: 'sqlite', path })
})

test.each([
  ['mongodb://localhost:27017/slates', 'slates'],
  ['mongodb://u:p%40ss@a:1,b:2,c:3/slates?replicaSet=rs0', 'slates'],
  ['mongodb+srv://cluster.example.net/a-b_c', 'a-b_c'],
])('%s is the database %s', (url, database) => {
  expect(parseDatastoreUrl(url)).toEqual({ kind: 'mongodb', url, database })
})

test.each([
  ['postgres://u:hush@host/db', 'of no known kind'],
  ['./x.db', 'of no known kind'],
  ['', 'of no known kind'],
  ['sqlite:', 'names no file'],
  ['sqlite://host/x.db', 'names no file'],
  ['sqlite://u:hush@host/x.db', 'names no file'],
  ['u:hush@host/db', 'of no known kind'],
  ['mongodb://u:hush@localhost:27017', 'names no database'],
  ['mongodb://u:hush@localhost:27017/?replicaSet=rs0', 'names no database'],
  ['mongodb://localhost/a.b', 'does not allow'],
  ['mongodb://u:hush/pw@localhost/slates', 'percent-encoded'],
  ['mongodb://u:1/hush@localhost/slates', 'percent-encoded'],
  ['mongodb://u:1/hush@localhost', 'percent-encoded'],
  ['mongodb://u:hush?pw@localhost/slates', 'percent-encoded'],
  ['mongodb://u:1/hush?pw@localhost/slates', 'percent-encoded'],
  ['mongodb://u:p@hush/w?x@localhost/slates', 'percent-encoded'],
  ['mongodb://u:hush/slates', 'percent-encoded'],
  ['mongodb:///slates', 'cannot be read'],
  ['mongodb://localhost/slates?tlsCertificateKeyFilePassword=x@hush', 'percent-encoded'],
  ['mongodb://localhost/?tlsCertificateKeyFilePassword=hush', 'names no database'],
])('%s is refused with one line that says what to do', (url, reason) => {
  expect(() => parseDatastoreUrl(url)).toThrow(reason)
  expect(() => parseDatastoreUrl(url)).not.toThrow(/hush|\n/)
  expect(() => parseDatastoreUrl(url)).toThrow(expect.objectContaining({ name: 'DatastoreStartupError' }))
})

test.each([
  ['mongodb://localhost:27017', 'mongodb://localhost:27017/x'],
  ['mongodb://localhost:27017/?replicaSet=rs0', 'mongodb://localhost:27017/x?replicaSet=rs0'],
  ['mongodb://a:1,b:2/y?replicaSet=rs0', 'mongodb://a:1,b:2/x?replicaSet=rs0'],
  ['mongodb://u:p@host/users', 'mongodb://u:p@host/x?authSource=users'],
  ['mongodb://u:p@host/?tls=true', 'mongodb://u:p@host/x?tls=true&authSource=admin'],
  ['mongodb://u:p@host/y?authSource=users', 'mongodb://u:p@host/x?authSource=users'],
  ['mongodb://cn@host/?authMechanism=MONGODB-X509', 'mongodb://cn@host/x?authMechanism=MONGODB-X509'],
])('%s with the database x is %s', (url, expected) => {
  expect(withDatabase(url, 'x')).toBe(expected)
})

test.each([
  ['mongodb://user:p%40ss@a:1,b:2/db', 'mongodb://***@a:1,b:2/db'],
  ['mongodb://user:hush@@host/db', 'mongodb://***@host/db'],
  ['mongodb://user:hush/pw@host:1/db', 'mongodb://***@host:1/db'],
  ['mongodb://user:1/hush@host', 'mongodb://***@host'],
  ['mongodb+srv://user:hush@cluster.example.net/db?w=1', 'mongodb+srv://***@cluster.example.net/db'],
  ['mongodb://host/db?tlsCertificateKeyFilePassword=hush', 'mongodb://host/db'],
  ['mongodb://[::1]:27017/db', 'mongodb://[::1]:27017/db'],
  ['mongodb://%2Ftmp%2Fmongodb.sock/db', 'mongodb://%2Ftmp%2Fmongodb.sock/db'],
  ['sqlite:./x.db', 'sqlite:./x.db'],
  // Where the password ends, or whether there is one, cannot be told.
  ['mongodb://user:hush?pw@host/db', 'mongodb://***'],
  ['mongodb://user:hush?p@w@host/db', 'mongodb://***'],
  ['mongodb://host/db?tlsCertificateKeyFilePassword=x@hush', 'mongodb://***'],
  ['mongodb://user:hush', 'mongodb://***'],
  ['user:hush@host', '***'],
])('%s is shown as %s', (url, shown) => {
  expect(redactUrl(url)).toBe(shown)
})

test('no password is shown, whatever is in it', () => {
  const password = fc
    .string({ unit: fc.constantFrom(...'/?@:#&=%.,'), maxLength: 4 })
    .map((odd) => `Hush${odd}Hush`)
  fc.assert(
    fc.property(password, fc.constantFrom('', '/db', '/db?a=b', '?a=b@c'), (secret, rest) => {
      expect(redactUrl(`mongodb://user:${secret}@host:1${rest}`)).not.toContain('Hush')
      expect(redactUrl(`mongodb://host/db?tlsCertificateKeyFilePassword=${secret}`)).not.toContain('Hush')
      expect(() => parseDatastoreUrl(`postgres://user:${secret}@host:1${rest}`)).not.toThrow(/Hush/)
    }),
  )
})

test('a message loses the URL, the password and what the query holds, and keeps the rest', () => {
  const url = 'mongodb://user:hu%2Fsh@host:1/db?tls=true&authMechanism=secret&broken'
  expect(redactMessage(`cannot read ${url}\n  as written`, url)).toBe(
    'cannot read mongodb://***@host:1/db as written',
  )
  expect(redactMessage('no hu/sh, hu%2Fsh or broken; got secret, want true, at host:1', url)).toBe(
    'no ***, *** or ***; got ***, want true, at host:1',
  )
  expect(redactMessage('no port "123456"', 'mongodb://user:123456@host/db')).toBe('no port "***"')
})

test.each([
  'mongodb://user:hush/pw@host/db',
  'mongodb://user:hush/db',
  'mongodb://host/db?tlsCertificateKeyFilePassword=x@hush',
])('a message about %s, which cannot be read, is not shown', (url) => {
  expect(isMongoUrl(url)).toBe(false)
  expect(redactMessage(`Unable to parse ${url}, which has hush in it`, url)).toBe('the URL cannot be read')
})

test('a secret is removed from a message as the URL writes it, too', () => {
  const url = 'mongodb://u:p%21ss%77ord@h/db?authMechanismProperties=T%2fK:se%63ret'
  expect(redactMessage('boom p%21ss%77ord and T%2fK:se%63ret and p!ssword', url)).toBe(
    'boom *** and *** and ***',
  )
})
