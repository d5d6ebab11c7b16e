import { environmentAlone, type SubgraphName } from '@bulkhead/dev/environment'
import { runToEnd } from './processes.ts'
import type { Stack } from './stack.ts'
import { tokenHeader, type User } from './token.ts'

type StackData = Pick<Stack, 'datastores' | 'secrets'>
type Settings = Readonly<Record<string, string>>

/**
 * Runs `npm run experimentation --` on the datastore of a stack, and returns what it printed.
 *
 * @param env settings on top of those of the stack
 */
export function runExperimentation(
  stack: StackData,
  args: readonly string[],
  env: Settings = {},
): Promise<string> {
  return run('experimentation', stack, args, env)
}

/** The same of `npm run personalization --`. */
export function runPersonalization(
  stack: StackData,
  args: readonly string[],
  env: Settings = {},
): Promise<string> {
  return run('personalization', stack, args, env)
}

/** What commands that call the API need to do so as this user. */
export async function apiSettings(
  { secrets, url }: Pick<Stack, 'secrets' | 'url'>,
  as: User,
): Promise<Settings> {
  const { authorization = '' } = await tokenHeader(as, secrets.tokenSecret)
  return { BULKHEAD_URL: url('gateway', '/graphql'), BULKHEAD_TOKEN: authorization.replace('Bearer ', '') }
}

function run(
  name: SubgraphName,
  { datastores, secrets }: StackData,
  args: readonly string[],
  env: Settings,
): Promise<string> {
  const own = environmentAlone(name, { datastoreUrl: datastores[name], secrets })
  return runToEnd(name, args, { ...own, ...env })
}
