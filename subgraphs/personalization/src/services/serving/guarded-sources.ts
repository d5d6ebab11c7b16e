import { withDeadline } from '@bulkhead/service/deadline'
import type { Logger } from '@bulkhead/service/logging'
import type { Metrics } from '@bulkhead/service/metrics'
import { probeAfter } from '@bulkhead/service/probe-after'
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel'
import type { CandidateSource } from '../../domain/pipeline/sources/candidate-source.ts'
import { SourceCutError } from '../../domain/pipeline/sources/source-cut-error.ts'

/** How long a slate waits for candidates that a source does not have in memory. */
export const SOURCE_DEADLINE_MS = 50

/** Consecutive failures after which a source is left out. */
const FAILURES_TO_OPEN = 3

/** While a source is left out, it is asked once in so long. No slate waits for that answer. */
const PROBE_INTERVAL_MS = 1_000

const STATES = {
  [CircuitState.Closed]: 0,
  [CircuitState.HalfOpen]: 1,
  [CircuitState.Open]: 2,
  [CircuitState.Isolated]: 2,
} as const

type Candidates = Awaited<ReturnType<CandidateSource['candidates']>>

/**
 * The same sources, each with a deadline and a circuit breaker for answers that are promises. One that hangs costs a
 * slate the deadline, and after `FAILURES_TO_OPEN` slates none: it is left out until a probe is answered in time. A
 * source that answers at once is passed through as it is. One that is cut fails with a `SourceCutError`.
 *
 * What a source does after its deadline is not stopped: it has to bound its own work.
 */
export function guardSources(
  sources: readonly CandidateSource[],
  options: { readonly deadlineMs: number; readonly log: Logger; readonly metrics: Metrics },
): readonly CandidateSource[] {
  const { deadlineMs, log, metrics } = options
  const cuts = metrics.counter({
    name: 'bulkhead_source_cuts_total',
    help: 'Slates served without a candidate source, because it was late (deadline) or is left out (breaker)',
    labelNames: ['source', 'cause'],
  })
  const guards = sources.map((source) => ({ source, breaker: createBreaker(source.name) }))
  metrics.gauge({
    name: 'bulkhead_source_breaker_state',
    help: 'Whether an asynchronous candidate source is asked: 0 yes, 1 a probe is under way, 2 no',
    labelNames: ['source'],
    collect() {
      for (const { source, breaker } of guards) this.set({ source: source.name }, STATES[breaker.state])
    },
  })

  function createBreaker(source: string) {
    const breaker = circuitBreaker(handleAll, {
      breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
      halfOpenAfter: probeAfter(PROBE_INTERVAL_MS),
    })
    let isLeftOut = false
    breaker.onBreak(() => {
      // The breaker also calls this after each failed probe.
      if (!isLeftOut) log.warn({ source }, 'candidate source left out until it answers in time')
      isLeftOut = true
    })
    breaker.onReset(() => {
      isLeftOut = false
      log.info({ source }, 'candidate source asked again')
    })
    return breaker
  }

  const late = (source: string) =>
    new SourceCutError(`the candidate source "${source}" took longer than ${deadlineMs} ms`)

  function inTime(source: string, answer: Promise<Candidates>): Promise<Candidates> {
    return withDeadline(answer, deadlineMs, () => {
      cuts.inc({ source, cause: 'deadline' })
      return late(source)
    })
  }

  return guards.map(({ source, breaker }) => ({
    ...source,
    candidates(query, input) {
      const { name } = source
      if (breaker.state === CircuitState.Closed) {
        const answer = source.candidates(query, input)
        return answer instanceof Promise ? breaker.execute(() => inTime(name, answer)) : answer
      }
      // With a probe under way the breaker would make others wait for its outcome.
      if (breaker.state === CircuitState.Open) {
        const probe = async () => source.candidates(query, input)
        breaker.execute(() => withDeadline(probe, deadlineMs, () => late(name))).catch(() => undefined)
      }
      cuts.inc({ source: name, cause: 'breaker' })
      throw new SourceCutError(`the candidate source "${name}" is left out until it answers in time`)
    },
  }))
}
