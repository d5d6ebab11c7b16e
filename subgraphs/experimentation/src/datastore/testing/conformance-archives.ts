import { describe, expect, test } from 'vitest'
import type { ConformanceContext } from './conformance-context.ts'

const ARCHIVE = { name: 'main', exportId: 'e1', through: 10, erasuresFrom: 500 }

export function describeArchives({ store, datastore }: ConformanceContext): void {
  describe('archives', () => {
    test('remember how far an export has got, and never go back', async () => {
      expect(await store().archive('main')).toBeNull()
      expect(await store().moveArchive({ ...ARCHIVE, through: 0, erasuresFrom: 0 })).toBe(true)
      expect(await store().moveArchive(ARCHIVE)).toBe(true)
      expect(await store().moveArchive({ ...ARCHIVE, through: 9, erasuresFrom: 400 })).toBe(true)
      const other = await datastore().open()
      expect(await other.archive('main')).toEqual(ARCHIVE)
      expect(await other.archive('$main')).toBeNull()
    })

    test('belong to the export that was there first', async () => {
      await store().moveArchive(ARCHIVE)
      const late = { ...ARCHIVE, exportId: 'e2', through: 99, erasuresFrom: 900 }
      expect(await store().moveArchive(late)).toBe(false)
      expect(await store().archive('main')).toEqual(ARCHIVE)
      expect(await store().moveArchive({ ...late, name: 'other' })).toBe(true)
      expect(await store().archive('other')).toEqual({ ...late, name: 'other' })
    })
  })
}
