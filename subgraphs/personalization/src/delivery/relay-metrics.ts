import type { Metrics } from '@bulkhead/service/metrics'

export type RelayMetrics = ReturnType<typeof createRelayMetrics>

/**
 * What operators see of the relay. The gauges call `outbox` whenever they are read, so that they go on changing while
 * the relay waits for a receiver that does not answer.
 */
export function createRelayMetrics(
  metrics: Metrics,
  outbox: { readonly size: () => number; readonly oldestSeconds: () => number },
) {
  metrics.gauge({
    name: 'bulkhead_outbox_size',
    help: 'Outbox entries that are not delivered: as last measured, and what this replica has added since',
    collect() {
      this.set(outbox.size())
    },
  })
  metrics.gauge({
    name: 'bulkhead_outbox_oldest_seconds',
    help: 'Age of the oldest event in the outbox when it was last measured; 0 where it was empty',
    collect() {
      this.set(outbox.oldestSeconds())
    },
  })
  return {
    delivered: metrics.counter({
      name: 'bulkhead_outbox_delivered_total',
      help: 'Events that experimentation has acknowledged, repetitions included',
    }),
    retries: metrics.counter({
      name: 'bulkhead_outbox_retries_total',
      help: 'Events that were sent, or about to be, and that experimentation could not take',
    }),
    deadLetters: metrics.counter({
      name: 'bulkhead_dead_letters_total',
      help: 'Events kept in the dead-letter store, by the reason for which they were refused',
      labelNames: ['code'],
    }),
  }
}
