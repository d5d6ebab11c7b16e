import { acquireTestMongo, findTestMongo } from '@bulkhead/datastore/testing/mongodb'
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest'
import { type Stack, type StackOptions, startStack } from './stack.ts'

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

/** Gets what a stack needs to run on one kind of datastore. */
type Acquire = () => Promise<{ options: Pick<StackOptions, 'datastores'>; release(): Promise<void> }>

/** Registers a journey once on SQLite and once on MongoDB, or a skip that says how to enable it. */
export function describeOnBoth(name: string, suite: (acquire: Acquire) => void): void {
  describeOnSqlite(`${name} on sqlite`, suite)
  describeIfMongo(name, () => {
    suite(async () => {
      const mongo = await acquireDatastores()
      return { options: { datastores: mongo.datastores }, release: () => mongo.stop() }
    })
  })
}

/** The same on SQLite only: for a long journey whose store operations the conformance suites test on MongoDB too. */
export function describeOnSqlite(name: string, suite: (acquire: Acquire) => void): void {
  describe(name, () => {
    suite(async () => ({ options: {}, release: async () => undefined }))
  })
}

/** Starts a stack that all tests of a suite share, and hands it over before the first of them. */
export function shareStack(
  acquire: Acquire,
  use: (stack: Stack) => void,
  options: Omit<StackOptions, 'datastores'> = {},
): void {
  let stack: Stack | undefined
  let release: (() => Promise<void>) | undefined
  beforeAll(async () => {
    const acquired = await acquire()
    release = acquired.release
    stack = await startStack({ ...acquired.options, ...options })
    use(stack)
  })
  afterAll(async () => {
    await stack?.stop()
    await release?.()
  })
}

/** For tests that each start a stack of their own, with the returned function; it is stopped after the test. */
export function stackForEach(acquire: Acquire, use: (stack: Stack) => void): () => Promise<void> {
  const running: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const stop of running.splice(0).toReversed()) await stop()
  })
  return async () => {
    const { options, release } = await acquire()
    running.push(release)
    const stack = await startStack(options)
    running.push(() => stack.stop())
    use(stack)
  }
}

/** A suite that needs MongoDB; its name ends in "on mongodb", which CI counts. */
export function describeIfMongo(name: string, suite: () => void): void {
  const found = findTestMongo()
  describe(`${name} on mongodb`, () => {
    if (found.kind === 'skipped') test.skip(found.reason)
    else suite()
  })
}
