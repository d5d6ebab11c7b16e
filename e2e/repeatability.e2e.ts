import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acquireDatastores, describeIfMongo } from './harness/datastores.ts'
import { HOME_SLATE } from './harness/queries.ts'
import { type Stack, type StackOptions, startStack } from './harness/stack.ts'

const UNITS = ['u1', 'u2', 'u3', 'u4', 'u5', 'señor', '日本', '😀 listener', 'u-100', 'u-101']

type Assigned = Readonly<Record<string, string | undefined>>

/** Variant by unit as personalization served it and as experimentation answers it, which must be one. */
const assigned = async (stack: Stack): Promise<Assigned> => {
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

let onSqlite: Assigned

describe('the same snapshot, unit and attributes give the same variant', () => {
  let stack: Stack
  beforeAll(async () => {
    stack = await startStack()
  })
  afterAll(async () => {
    await stack?.stop()
  })

  test('in both services', async () => {
    onSqlite = await assigned(stack)
    expect(new Set(Object.values(onSqlite)).size).toBe(2)
  })

  test('after a restart of both', async () => {
    for (const name of ['personalization', 'experimentation'] as const) {
      await stack.process(name).stop()
      await stack.start(name)
    }
    expect(await assigned(stack)).toEqual(onSqlite)
  })
})

describeIfMongo('the same snapshot, unit and attributes give the variant of sqlite', () => {
  test('in both services', async () => {
    const mongo = await acquireDatastores()
    const options: StackOptions = { datastores: mongo.datastores }
    const stack = await startStack(options)
    try {
      expect(await assigned(stack)).toEqual(onSqlite)
    } finally {
      await stack.stop()
      await mongo.stop()
    }
  })
})
