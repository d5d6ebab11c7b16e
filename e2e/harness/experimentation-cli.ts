import { environmentAlone } from '@bulkhead/dev/environment'
import { runToEnd } from './processes.ts'
import type { Stack } from './stack.ts'

/** Runs `npm run experimentation --` on the datastore of a stack, and returns what it printed. */
export function runExperimentation(
  { datastores, secrets }: Pick<Stack, 'datastores' | 'secrets'>,
  args: readonly string[],
): Promise<string> {
  const datastoreUrl = datastores.experimentation
  return runToEnd('experimentation', args, environmentAlone('experimentation', { datastoreUrl, secrets }))
}
