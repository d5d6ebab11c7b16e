import { expect, test } from 'vitest'
import { exposureState } from './exposure-status.ts'

const limits = { now: 1_000, maxAgeMs: 100 }

test('what is recorded stays recorded however old the slate is', () => {
  const known = { type: 'recorded', occurredAt: 1, recordedAt: 2 } as const
  expect(exposureState(known, { createdAt: 0 }, limits)).toEqual({
    status: 'RECORDED',
    occurredAt: 1,
    recordedAt: 2,
  })
})

test('what was refused says so, also after it could have expired', () => {
  expect(exposureState({ type: 'rejected' }, { createdAt: 0 }, limits)).toEqual({ status: 'REJECTED' })
})

test('what has not come is pending until no event of the slate can still arrive', () => {
  expect(exposureState(null, { createdAt: 900 }, limits)).toEqual({ status: 'PENDING' })
  expect(exposureState(null, { createdAt: 899 }, limits)).toEqual({ status: 'EXPIRED' })
  expect(exposureState(null, { createdAt: null }, limits)).toEqual({ status: 'PENDING' })
})
