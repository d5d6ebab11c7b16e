import { expect, test } from 'vitest'
import { createTestPublisher } from '../testing/test-publisher.ts'
import { createSnapshotHolder } from './snapshot-holder.ts'

test('a snapshot replaces what is held only by a higher version', () => {
  const { publish } = createTestPublisher()
  const holder = createSnapshotHolder()
  expect(holder.current()).toBeNull()
  expect(holder.replace(publish(3))).toBe(true)
  expect(holder.replace(publish(3))).toBe(false)
  expect(holder.replace(publish(2))).toBe(false)
  expect(holder.current()?.version).toBe(3)
  expect(holder.replace(publish(4))).toBe(true)
  expect(holder.current()?.version).toBe(4)
})
