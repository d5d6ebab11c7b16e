import { expect, test } from 'vitest'
import { openPersonalizationStore } from './open.ts'

test('a URL that names no datastore is refused with what to set', async () => {
  await expect(openPersonalizationStore('postgres://localhost/x')).rejects.toMatchObject({
    name: 'DatastoreStartupError',
    message: expect.stringMatching(/sqlite:.*mongodb:/),
  })
})

test('a path that cannot be a file is refused in one line', async () => {
  await expect(openPersonalizationStore('sqlite:/dev/null/x.db')).rejects.toMatchObject({
    name: 'DatastoreStartupError',
    message: expect.not.stringContaining('\n'),
  })
})

test('a store in memory does what one in a file does', async () => {
  const store = await openPersonalizationStore('sqlite::memory:')
  await store.keepSnapshot({ version: 1 })
  expect(await store.lastSnapshot()).toEqual({ version: 1 })
  await store.close()
})
