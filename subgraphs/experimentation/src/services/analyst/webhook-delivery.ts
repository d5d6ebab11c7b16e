import { hash } from 'node:crypto'
import { jitteredDelay } from '@bulkhead/service/backoff'
import type { Clock } from '@bulkhead/service/clock'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import type { Random } from '@bulkhead/service/random'
import type { ExperimentationStore, Notification } from '../../datastore/port.ts'
import { webhookHeaders } from './webhook-signature.ts'

const TIMEOUT_MS = 10_000
const BACKOFF = { baseMs: 10_000, maxMs: 3_600_000 }
/** With the backoff above, some two days. */
export const MAX_ATTEMPTS = 60
/** Longer than any look is made up for. */
const FORGOTTEN_MS = 30 * 86_400_000
const FORGET_INTERVAL_MS = 3_600_000
const PER_READ = 50

/** The name of a receiver: its URL may hold a secret, and this does not. */
export function receiverOf(url: string): string {
  return hash('sha256', url, 'hex').slice(0, 16)
}

export type WebhookDelivery = {
  /** Makes every attempt that is due. Rejects with DatastoreUnavailableError. */
  deliver(signal: AbortSignal): Promise<void>
}

/**
 * Delivers notifications to the receivers, each at least once: an attempt whose outcome is not stored is made again, with
 * the same `webhook-id`. Whatever is not answered with a status from 200 to 299 is tried again, with backoff, and given up
 * after some two days. Redirects are not followed.
 */
export function createWebhookDelivery(options: {
  readonly store: Pick<ExperimentationStore, 'dueNotifications' | 'forgetNotifications' | 'moveNotification'>
  readonly urls: readonly string[]
  readonly keys: readonly Buffer[]
  readonly fetch?: typeof globalThis.fetch
  readonly timeoutMs?: number
  readonly clock: Clock
  readonly random: Pick<Random, 'next'>
  readonly log: Logger
  readonly metrics: Metrics
}): WebhookDelivery {
  const { store, urls, keys, timeoutMs = TIMEOUT_MS, clock, random, log, metrics } = options
  const send = options.fetch ?? globalThis.fetch
  let forgotAt = Number.NEGATIVE_INFINITY
  const byReceiver = new Map(urls.map((url) => [receiverOf(url), url]))
  const attempts = metrics.counter({
    name: 'bulkhead_webhook_attempts_total',
    help: 'Attempts to deliver a notification, by outcome',
    labelNames: ['outcome'],
  })

  /** @returns what went wrong, or null */
  async function attempt(
    url: string,
    { id, body }: Notification,
    signal: AbortSignal,
  ): Promise<string | null> {
    const text = JSON.stringify(body)
    try {
      const response = await send(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...webhookHeaders({ id, body: text, sentAt: clock.now() }, keys),
        },
        body: text,
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
      await response.body?.cancel()
      return response.ok ? null : `answered ${response.status}`
    } catch (error) {
      signal.throwIfAborted()
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      return cause instanceof Error ? cause.message : String(cause)
    }
  }

  async function handle(notification: Notification, signal: AbortSignal): Promise<void> {
    const { receiver, id } = notification
    const url = byReceiver.get(receiver)
    const made = notification.attempts + 1
    if (url === undefined) {
      log.warn({ notification: id }, 'a notification is for a receiver that is no longer set, and dropped')
      await store.moveNotification(notification, { attempts: notification.attempts, dueAt: null })
      return
    }
    const problem = await attempt(url, notification, signal)
    if (problem === null) {
      attempts.inc({ outcome: 'delivered' })
      await store.moveNotification(notification, { attempts: made, dueAt: null })
      return
    }
    const isLast = made >= MAX_ATTEMPTS
    attempts.inc({ outcome: isLast ? 'given_up' : 'failed' })
    // Never the URL, which may hold a secret.
    const told = { notification: id, receiver, attempt: made, problem }
    if (isLast) log.error(told, 'webhook given up')
    else log.warn(told, 'webhook failed, it is tried again')
    // At least the half of it, so that a receiver that is down is not asked again at once.
    const pause = Math.min(BACKOFF.maxMs, BACKOFF.baseMs * 2 ** Math.min(made - 1, 20)) / 2
    const dueAt = clock.now() + Math.max(pause, jitteredDelay(made - 1, BACKOFF, random))
    await store.moveNotification(notification, { attempts: made, dueAt: isLast ? null : Math.ceil(dueAt) })
  }

  return {
    async deliver(signal) {
      for (;;) {
        const due = await store.dueNotifications({ now: clock.now(), limit: PER_READ })
        // Receivers do not wait for each other, and each gets its notifications one after the other.
        const byName = Map.groupBy(due, ({ receiver }) => receiver)
        await Promise.all(
          [...byName.values()].map(async (list) => {
            for (const notification of list) {
              signal.throwIfAborted()
              await handle(notification, signal)
            }
          }),
        )
        if (due.length < PER_READ) break
      }
      const now = clock.now()
      if (now - forgotAt < FORGET_INTERVAL_MS) return
      await store.forgetNotifications(now - FORGOTTEN_MS)
      forgotAt = now
    },
  }
}
