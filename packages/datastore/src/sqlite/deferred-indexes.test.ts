import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildDeferredIndexes, deferIndexes, sortInThreads } from './deferred-indexes.ts'

describe('deferred indexes', () => {
  let database: DatabaseSync
  beforeEach(() => {
    database = new DatabaseSync(':memory:')
    database.exec(
      'CREATE TABLE plays (id TEXT PRIMARY KEY, "of" TEXT); CREATE INDEX "by ""of""" ON plays ("of")',
    )
  })
  afterEach(() => database.close())

  const names = () =>
    database
      .prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'plays' AND sql IS NOT NULL",
      )
      .all()
      .map(({ name }) => name)
  const pragmas = () =>
    ['cache_size', 'threads'].map((name) => database.prepare(`PRAGMA ${name}`).get()?.[name])

  test('are gone until they are built, and again after a second time', () => {
    for (let time = 0; time < 2; time++) {
      deferIndexes(database, 'plays')
      expect(names()).toEqual([])
      buildDeferredIndexes(database)
      expect(names()).toEqual(['by "of"'])
    }
  })

  test('leave the connection as it was, also where sorting fails', () => {
    database.exec('PRAGMA cache_size = -4321')
    const before = pragmas()
    deferIndexes(database, 'plays')
    buildDeferredIndexes(database)
    expect(pragmas()).toEqual(before)
    expect(() =>
      sortInThreads(database, () => {
        expect(pragmas()).not.toEqual(before)
        throw new Error('failed')
      }),
    ).toThrow('failed')
    expect(pragmas()).toEqual(before)
  })
})
