import {
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
  type LabelValues,
  Registry,
} from 'prom-client'

export type { Counter, Gauge } from 'prom-client'

type Named<T> = Omit<T, 'registers'> & { name: `bulkhead_${string}` }

/** A registry for each service and not prom-client's global one, because tests run several services in one process. */
export type Metrics = {
  readonly registry: Registry
  counter<L extends string = never>(config: Named<CounterConfiguration<L>>): Counter<L>
  gauge<L extends string = never>(config: Named<GaugeConfiguration<L>>): Gauge<L>
  histogram<L extends string = never>(config: Named<HistogramConfiguration<L>>): Histogram<L>
}

/** Buckets for the time of a request, in seconds. */
export const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10]

/** A registry with the metrics of the process. Every metric has the label `service`. */
export function createMetrics(options: { service: string }): Metrics {
  const registry = new Registry()
  registry.setDefaultLabels({ service: options.service })
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    registry,
    counter: (config) => new Counter({ ...config, registers }),
    gauge: (config) => new Gauge({ ...config, registers }),
    histogram: (config) => new Histogram({ ...config, registers }),
  }
}

/** Upper bound on durations that are kept where nobody reads the metrics. */
const MAX_KEPT_DURATIONS = 256

/**
 * A histogram of durations in seconds. It keeps them until somebody reads the metrics: prom-client's own work for each would
 * be a fiftieth of what the gateway needs for a request.
 * @returns a function that takes labels, and returns one to call with each duration. Call it once for each set of labels
 */
export function createDurations<L extends string = never>(
  metrics: Metrics,
  config: Named<HistogramConfiguration<L>>,
): (labels: LabelValues<L>) => (seconds: number) => void {
  const published: (() => void)[] = []
  const histogram = metrics.histogram<L>({
    ...config,
    collect() {
      for (const publish of published) publish()
    },
  })
  return (labels) => {
    const series = histogram.labels(labels)
    let kept: number[] = []
    function publish(): void {
      for (const seconds of kept) series.observe(seconds)
      kept = []
    }
    published.push(publish)
    return (seconds) => {
      if (kept.push(seconds) >= MAX_KEPT_DURATIONS) publish()
    }
  }
}
