import { expect, test } from 'vitest'
import { parseDatastoreUrl, redactUrl } from './datastore-url.ts'

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
  ['mongodb://u:hush@localhost:27017', 'names no database'],
  ['mongodb://u:hush@localhost:27017/?replicaSet=rs0', 'names no database'],
  ['mongodb://localhost/a.b', 'does not allow'],
])('%s is refused with one line that says what to do', (url, reason) => {
  expect(() => parseDatastoreUrl(url)).toThrow(reason)
  expect(() => parseDatastoreUrl(url)).not.toThrow(/hush|\n/)
  expect(() => parseDatastoreUrl(url)).toThrow(expect.objectContaining({ name: 'DatastoreStartupError' }))
})

test('a redacted URL keeps its hosts and loses its credentials', () => {
  expect(redactUrl('mongodb://user:p%40ss@a:1,b:2/db?x=1')).toBe('mongodb://***@a:1,b:2/db?x=1')
  expect(redactUrl('mongodb://user:odd@pass@host/db')).toBe('mongodb://***@host/db')
  expect(redactUrl('mongodb://host/db')).toBe('mongodb://host/db')
})
