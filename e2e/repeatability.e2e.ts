import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acquireDatastores, describeIfMongo } from './harness/datastores.ts'
import { HOME_SLATE } from './harness/queries.ts'
import { type Stack, startStack } from './harness/stack.ts'

const UNITS = ['u1', 'u2', 'u3', 'u4', 'u5', 'señor', '日本', '😀 listener', 'u-100', 'u-101']

type Assigned = Readonly<Record<string, string | undefined>>

/** Variant by unit as personalization served it and as experimentation answers it, which must be the same. */
async function assigned(stack: Stack): Promise<Assigned> {
  const served: Record<string, string | undefined> = {}
  for (const unit of UNITS) {
    const slate = await stack.query(HOME_SLATE, { userId: unit })
    expect(slate.errors).toEqual([])
    served[unit] = slate.data.recommendations.exposures[0]?.variantKey
    const { data, errors } = await stack.query(
      'query ($unit: ID!, $version: Int) { assignments(unit: $unit, snapshotVersion: $version) { variantKey included } }',
      { unit, version: slate.data.recommendations.snapshotVersion },
    )
    expect(errors).toEqual([])
    expect(data.assignments).toEqual([{ variantKey: served[unit], included: true }])
  }
  return served
}

let sqliteRun: Promise<Assigned> | undefined

/** Runs the same in a deployment of its own on SQLite, once a run. */
function assignedOnSqlite(): Promise<Assigned> {
  sqliteRun ??= (async () => {
    const stack = await startStack()
    try {
      return await assigned(stack)
    } finally {
      await stack.stop()
    }
  })()
  return sqliteRun
}

describe('the same snapshot, unit and attributes give the same variant', () => {
  let stack: Stack
  beforeAll(async () => {
    stack = await startStack()
  })
  afterAll(async () => {
    await stack?.stop()
  })

  test('in both services, and in another deployment', async () => {
    const here = await assigned(stack)
    expect(new Set(Object.values(here)).size).toBe(2)
    expect(here).toEqual(await assignedOnSqlite())
  })

  test('after a restart of both', async () => {
    for (const name of ['personalization', 'experimentation'] as const) {
      await stack.process(name).stop()
      await stack.start(name)
    }
    expect(await assigned(stack)).toEqual(await assignedOnSqlite())
  })
})

describeIfMongo('the same snapshot, unit and attributes give the variant of sqlite', () => {
  test('in both services', async () => {
    const mongo = await acquireDatastores()
    try {
      const stack = await startStack({ datastores: mongo.datastores })
      try {
        expect(await assigned(stack)).toEqual(await assignedOnSqlite())
      } finally {
        await stack.stop()
      }
    } finally {
      await mongo.stop()
    }
  })
})
