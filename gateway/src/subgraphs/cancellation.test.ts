import { expect, test, vi } from 'vitest'
import { Cancellation } from './cancellation.ts'

test('every listener is called once, in the order in which they came', () => {
  const cancellation = new Cancellation()
  const called: number[] = []
  for (const n of [1, 2, 3]) cancellation.onCancel(() => called.push(n))
  expect([cancellation.cancelled, called]).toEqual([false, []])
  cancellation.cancel()
  cancellation.cancel()
  expect([cancellation.cancelled, called]).toEqual([true, [1, 2, 3]])
})

test('a listener that is forgotten is not called, even if another one forgets it', () => {
  const cancellation = new Cancellation()
  const [first, second, third] = [vi.fn(), vi.fn(), vi.fn()]
  cancellation.onCancel(first)
  cancellation.onCancel(() => cancellation.forget(third))
  cancellation.onCancel(second)
  cancellation.onCancel(third)
  cancellation.forget(first)
  cancellation.forget(first)
  cancellation.cancel()
  expect([first, second, third].map(({ mock }) => mock.calls.length)).toEqual([0, 1, 0])
})
