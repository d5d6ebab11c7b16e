import { acquireTestMongo, findTestMongo } from '@bulkhead/datastore/testing/mongodb'
import { describe, test } from 'vitest'
import type { StackOptions } from './stack.ts'

type Datastores = NonNullable<StackOptions['datastores']>

export type MongoHandle = { readonly datastores: Datastores; stop(): Promise<void> }

/** Two databases, one a subgraph, on a real MongoDB. */
export async function acquireDatastores(): Promise<MongoHandle> {
  const mongo = await acquireTestMongo()
  if (mongo.kind === 'skipped') throw new Error(mongo.reason)
  return {
    datastores: {
      personalization: mongo.url('personalization'),
      experimentation: mongo.url('experimentation'),
    },
    stop: () => mongo.stop(),
  }
}

/** Registers a journey once on SQLite and once on MongoDB, or a skip that says how to enable it. */
export function describeOnBoth(
  name: string,
  suite: (
    acquire: () => Promise<{ options: Pick<StackOptions, 'datastores'>; release(): Promise<void> }>,
  ) => void,
): void {
  describe(`${name} on sqlite`, () => {
    suite(async () => ({ options: {}, release: async () => undefined }))
  })
  describeIfMongo(name, () => {
    suite(async () => {
      const mongo = await acquireDatastores()
      return { options: { datastores: mongo.datastores }, release: () => mongo.stop() }
    })
  })
}

/** A suite that needs MongoDB; its name ends in "on mongodb", which CI counts. */
export function describeIfMongo(name: string, suite: () => void): void {
  const found = findTestMongo()
  describe(`${name} on mongodb`, () => {
    if (found.kind === 'skipped') test.skip(found.reason)
    else suite()
  })
}
