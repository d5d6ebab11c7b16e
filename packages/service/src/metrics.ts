import {
  Counter,
  type CounterConfiguration,
  collectDefaultMetrics,
  Gauge,
  type GaugeConfiguration,
  Histogram,
  type HistogramConfiguration,
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
