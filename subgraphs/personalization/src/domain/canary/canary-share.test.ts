import { expect, test } from 'vitest'
import { canaryArmOf } from './canary-share.ts'

const USERS = Array.from({ length: 20_000 }, (_, n) => `u${n}`)

test('both arms have the share of listeners, and no listener is in both', () => {
  const arms = USERS.map((userId) => canaryArmOf('ease-v3', userId, 0.05))
  for (const arm of ['canary', 'champion'] as const) {
    const share = arms.filter((one) => one === arm).length / USERS.length
    expect(Math.abs(share - 0.05)).toBeLessThan(0.006)
  }
  expect(USERS.map((userId) => canaryArmOf('ease-v3', userId, 0.05))).toEqual(arms)
})

test('another canary is for other listeners', () => {
  const both = USERS.filter((userId) =>
    ['ease-v3', 'ease-v4'].every((id) => canaryArmOf(id, userId, 0.05) === 'canary'),
  )
  expect(both.length / USERS.length).toBeLessThan(0.006)
})

test('a share of nothing is nobody, and of a half everybody is in one of the two', () => {
  expect(USERS.every((userId) => canaryArmOf('ease-v3', userId, 0) === null)).toBe(true)
  expect(USERS.some((userId) => canaryArmOf('ease-v3', userId, 0.5) === null)).toBe(false)
})
