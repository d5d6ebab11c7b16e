import { isIPv6 } from 'node:net'
import type { Clock } from '@bulkhead/service/clock'
import { type ServiceError, serviceError } from '@bulkhead/service/errors'
import type { Metrics } from '@bulkhead/service/metrics'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import { GATEWAY_ERRORS } from '../errors.ts'

/**
 * Upper bound on clients that are remembered. Beyond it the one that has asked for nothing for the longest time is
 * forgotten, and has its full burst again. With fewer clients than this nobody gains by it.
 */
const MAX_CLIENTS = 50_000
/** Addresses come from headers, where a proxy is trusted, and may be any text there. */
const MAX_KEY_LENGTH = 100
/** Stands for the addresses of clients that have left before they were refused: sockets forget theirs. */
const GONE = 'gone'

export type RateLimitOptions = {
  /** Requests a second and client; 0 switches the limit off. */
  readonly perSecond: number
  /** Requests that a client may send at once after a pause. */
  readonly burst: number
  /** Who asks, where that is known; then the address does not count. */
  subjectOf(request: FastifyRequest): string | null
  readonly clock: Clock
  readonly metrics: Metrics
}

/** Null lets the request pass. */
export type Admit = (request: FastifyRequest, reply: FastifyReply) => ServiceError | null

type Bucket = { tokens: number; filledAt: number }

/**
 * A token bucket for each client of this process. It is our own because it is a few lines over the cache, and takes a
 * microsecond of a request; @fastify/rate-limit counts in fixed windows, which let twice as much through, and writes
 * three headers to each answer.
 */
export function createRateLimit(options: RateLimitOptions): Admit {
  const { perSecond, burst, clock } = options
  if (perSecond === 0) return () => null
  const refused = options.metrics.counter({
    name: 'bulkhead_rate_limited_total',
    help: 'Requests refused because their client sent too many, by what the client is known by',
    labelNames: ['by'],
  })
  const buckets = new LRUCache<string, Bucket>({ max: MAX_CLIENTS })

  return (request, reply) => {
    const subject = options.subjectOf(request)
    const key = subject === null ? `a ${networkOf(request.ip)}` : `s ${subject}`
    const now = clock.now()
    const bucket = buckets.get(key)
    if (!bucket) {
      buckets.set(key, { tokens: burst - 1, filledAt: now })
      return null
    }
    // A clock may be set back.
    const seconds = Math.max(0, now - bucket.filledAt) / 1_000
    bucket.tokens = Math.min(burst, bucket.tokens + seconds * perSecond)
    bucket.filledAt = now
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1
      return null
    }
    refused.inc({ by: subject === null ? 'address' : 'subject' })
    reply.header('retry-after', Math.ceil((1 - bucket.tokens) / perSecond))
    const limit = { name: 'requestsPerSecond', max: perSecond, burst }
    const message = `Too many requests: ${perSecond} a second are allowed, and ${burst} at once.`
    return serviceError(GATEWAY_ERRORS.RATE_LIMITED, message, { limit })
  }
}

/** An IPv6 client has at least a /64, so its addresses there count as one. */
function networkOf(address: string | undefined): string {
  if (address === undefined) return GONE
  if (!address.includes(':')) return address.slice(0, MAX_KEY_LENGTH)
  if (!isIPv6(address) || address.startsWith('::')) return address.slice(0, MAX_KEY_LENGTH)
  const [front = '', back] = address.split('::')
  const groups = front.split(':')
  if (back !== undefined) {
    const missing = 8 - groups.length - (back === '' ? 0 : back.split(':').length)
    groups.push(...Array<string>(Math.max(0, missing)).fill('0'))
  }
  return groups.slice(0, 4).join(':')
}
