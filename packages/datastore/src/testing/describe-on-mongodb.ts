import { afterAll, beforeAll, describe, test } from 'vitest'
import { acquireTestMongo, findTestMongo, type TestMongo } from './mongodb.ts'

/**
 * A suite on a real MongoDB: `describeOnMongo('the slate store', (mongo) => { … mongo().url('slates') … })`.
 * Its name ends in "on mongodb", which CI counts. Without a MongoDB it is one skipped test whose name says why.
 * `mongo()` is to be called in hooks and tests only.
 */
export function describeOnMongo(name: string, suite: (mongo: () => TestMongo) => void): void {
  const found = findTestMongo()
  if (found.kind === 'skipped') {
    console.warn(found.reason)
    describe(`${name} on mongodb`, () => {
      test.skip(found.reason)
    })
    return
  }
  describe(`${name} on mongodb`, () => {
    let server: TestMongo | undefined
    beforeAll(async () => {
      const acquired = await acquireTestMongo()
      if (acquired.kind === 'skipped') throw new Error(acquired.reason)
      server = acquired
    })
    afterAll(async () => {
      await server?.stop()
    })
    suite(() => {
      if (server === undefined) throw new Error('mongo() is for hooks and tests')
      return server
    })
  })
}
