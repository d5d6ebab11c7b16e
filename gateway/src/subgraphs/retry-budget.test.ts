import { expect, test } from 'vitest'
import { createRetryBudget } from './retry-budget.ts'

function budget() {
  let now = 0
  const { earn, spend } = createRetryBudget({ now: () => now })
  function spendAll(): number {
    let spent = 0
    while (spend()) spent += 1
    return spent
  }
  return { earn, spendAll, pass: (ms: number) => (now += ms) }
}

test('a few retries are free, and then a fifth of the requests', () => {
  const { earn, spendAll } = budget()
  expect(spendAll()).toBe(10)
  let retries = 0
  for (let request = 0; request < 1_000; request += 1) {
    earn()
    retries += spendAll()
  }
  expect(retries).toBeGreaterThanOrEqual(199)
  expect(retries).toBeLessThanOrEqual(200)
})

test('good times save up no more than a few retries', () => {
  const { earn, spendAll, pass } = budget()
  for (let request = 0; request < 10_000; request += 1) earn()
  pass(3_600_000)
  expect(spendAll()).toBe(10)
})

test('a subgraph with little traffic is retried once a second', () => {
  const { spendAll, pass } = budget()
  spendAll()
  pass(3_000)
  expect(spendAll()).toBe(3)
})

test('a clock that jumps back takes nothing away', () => {
  const { spendAll, pass } = budget()
  pass(-60_000)
  expect(spendAll()).toBe(10)
})
