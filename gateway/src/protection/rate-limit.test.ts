import { createMetrics } from '@bulkhead/service/metrics'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { expect, test } from 'vitest'
import { createRateLimit } from './rate-limit.ts'

function rateLimit(settings: { perSecond?: number; burst?: number } = {}) {
  let now = 1_000_000
  const subjects = new Map<FastifyRequest, string>()
  const metrics = createMetrics({ service: 'test' })
  const admit = createRateLimit({
    perSecond: 2,
    burst: 3,
    ...settings,
    subjectOf: (request) => subjects.get(request) ?? null,
    clock: { now: () => now },
    metrics,
  })
  const headers: unknown[] = []
  const reply = { header: (...header: unknown[]) => headers.push(header) } as unknown as FastifyReply
  function ask(ip: string, subject?: string) {
    const request = { ip } as FastifyRequest
    if (subject !== undefined) subjects.set(request, subject)
    return admit(request, reply)?.code ?? 'passes'
  }
  return { ask, headers, metrics, pass: (ms: number) => (now += ms) }
}

function times<T>(count: number, each: () => T): T[] {
  return Array.from({ length: count }, each)
}

const THREE = ['passes', 'passes', 'passes']

test('a client may send its burst, and then as many a second as are allowed', () => {
  const { ask, pass, headers } = rateLimit()
  expect(times(5, () => ask('192.0.2.1'))).toEqual([...THREE, 'RATE_LIMITED', 'RATE_LIMITED'])
  expect(headers).toEqual([
    ['retry-after', 1],
    ['retry-after', 1],
  ])
  pass(500)
  expect(times(2, () => ask('192.0.2.1'))).toEqual(['passes', 'RATE_LIMITED'])
  pass(60_000)
  expect(times(4, () => ask('192.0.2.1'))).toEqual([...THREE, 'RATE_LIMITED'])
})

test('the wait that is told is long enough', () => {
  const { ask, pass, headers } = rateLimit({ perSecond: 1, burst: 1 })
  times(2, () => ask('192.0.2.1'))
  expect(headers).toEqual([['retry-after', 1]])
  pass(1_000)
  expect(ask('192.0.2.1')).toBe('passes')
})

test('clients are counted apart: by identity where there is one, else by address', () => {
  const { ask } = rateLimit()
  expect(times(4, () => ask('192.0.2.1'))).toEqual([...THREE, 'RATE_LIMITED'])
  expect(ask('192.0.2.2')).toBe('passes')
  expect(times(4, () => ask('192.0.2.1', 'ann'))).toEqual([...THREE, 'RATE_LIMITED'])
  expect(ask('192.0.2.9', 'ann')).toBe('RATE_LIMITED')
  // An identity that looks like an address is none.
  expect(ask('192.0.2.1', '192.0.2.1')).toBe('passes')
})

test('the addresses of an IPv6 network are one client', () => {
  const { ask } = rateLimit()
  times(3, () => ask('2001:db8::1'))
  expect(ask('2001:db8:0:0:ffff::2')).toBe('RATE_LIMITED')
  expect(ask('2001:db8:0:1::1')).toBe('passes')
  expect(ask('::1')).toBe('passes')
})

test('a clock that is set back gives nothing and takes nothing', () => {
  const { ask, pass } = rateLimit()
  ask('192.0.2.1')
  pass(-60_000)
  expect(times(3, () => ask('192.0.2.1'))).toEqual(['passes', 'passes', 'RATE_LIMITED'])
})

test('0 a second switches it off', () => {
  const { ask } = rateLimit({ perSecond: 0, burst: 1 })
  expect(times(3, () => ask('192.0.2.1'))).toEqual(THREE)
})

test('refusals are counted', async () => {
  const { ask, metrics } = rateLimit({ burst: 1 })
  times(3, () => ask('192.0.2.1'))
  expect(await metrics.registry.metrics()).toContain(
    'bulkhead_rate_limited_total{by="address",service="test"} 2',
  )
})

test('clients beyond those that are remembered displace the one that paused longest, and memory stays bounded', () => {
  const { ask } = rateLimit({ burst: 1 })
  const address = (n: number) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`
  for (let n = 0; n < 50_001; n += 1) ask(address(n))
  expect(ask(address(50_000))).toBe('RATE_LIMITED')
  expect(ask(address(0))).toBe('passes')
})
