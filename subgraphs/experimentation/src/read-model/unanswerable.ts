import { EventsErasedError, ReadModelBehindError } from './errors.ts'
import type { SumsQuery } from './port.ts'

/**
 * @param extent.through the position up to which events are there
 * @param extent.completeFrom events from before this instant may be missing, epoch milliseconds; 0 where none is
 * @throws ReadModelBehindError where the query asks for later positions
 * @throws EventsErasedError where events are missing that it needs
 */
export function refuseUnanswerable(
  { through, completeFrom }: { readonly through: number; readonly completeFrom: number },
  query: SumsQuery,
): void {
  if (query.asOf > through) {
    throw new ReadModelBehindError(`position ${query.asOf} is asked for, the read model ends at ${through}`)
  }
  const starts = query.intervals.map(({ from }) => from - (query.covariateWindowMs ?? 0))
  if (completeFrom > 0 && starts.some((start) => start < completeFrom)) {
    throw new EventsErasedError(
      `events from before ${new Date(completeFrom).toISOString()} are erased for their age, and this analysis needs them`,
    )
  }
}
