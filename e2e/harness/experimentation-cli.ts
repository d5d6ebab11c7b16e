import { environmentAlone } from '@bulkhead/dev/environment'
import { runToEnd } from './processes.ts'
import type { Stack } from './stack.ts'

/**
 * Runs `npm run experimentation --` on the datastore of a stack, and returns what it printed.
 *
 * @param env settings on top of those of the stack
 */
export function runExperimentation(
  { datastores, secrets }: Pick<Stack, 'datastores' | 'secrets'>,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const datastoreUrl = datastores.experimentation
  const own = environmentAlone('experimentation', { datastoreUrl, secrets })
  return runToEnd('experimentation', args, { ...own, ...env })
}
