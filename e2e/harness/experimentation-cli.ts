import { serviceEnvironment } from '@bulkhead/dev/environment'
import { runToEnd } from './processes.ts'
import type { Stack } from './stack.ts'

/** Runs `npm run experimentation --` on the datastore of a stack, and returns what it printed. */
export function runExperimentation(
  { datastores, secrets }: Pick<Stack, 'datastores' | 'secrets'>,
  args: readonly string[],
): Promise<string> {
  const topology = {
    ports: { gateway: 1, personalization: 1, experimentation: 1 },
    dataDir: '.',
    mongodbUrl: null,
  }
  return runToEnd('experimentation', args, {
    ...serviceEnvironment('experimentation', topology, secrets),
    DATASTORE_URL: datastores.experimentation,
  })
}
