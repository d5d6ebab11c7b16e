import type { DemoClients } from './clients.ts'
import { analyseAll, findExperiment } from './experiments.ts'
import { allListeners, LISTENERS, visitHome } from './listeners.ts'

/** The running experiment, as experimentation's `demo` command makes it. */
const EXPERIMENT = 'home-mix'

/**
 * Lets every listener visit home once, and has the experiment analysed then, so that a newcomer sees exposures and a first
 * result. Listeners play more of what is popular, so the variant that mixes it in truly is better.
 * @returns what to say; null where there is a result of all listeners already, or the experiment does not run
 * @throws ApiError, Error
 */
export async function makeFirstResult(
  clients: DemoClients,
  time: { readonly now: () => number; readonly signal: AbortSignal },
): Promise<string | null> {
  const experiment = await findExperiment(clients.author, EXPERIMENT)
  // A result of some of them is what a start that was interrupted has left.
  if (experiment?.status !== 'RUNNING' || (experiment.results?.units ?? 0) >= LISTENERS) return null
  const visits = allListeners().map((userId) => ({ userId, occasion: 'first' }))
  const plays = await visitHome(clients.listeners, visits)
  await analyseAll(clients, { key: EXPERIMENT, units: LISTENERS, ...time })
  return `${LISTENERS} listeners have fetched a slate and played ${plays} items of them, so ${EXPERIMENT} has a first result: npm run experimentation -- analyze ${EXPERIMENT}`
}
