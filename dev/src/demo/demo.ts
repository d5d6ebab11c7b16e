import type { LauncherOptions } from '../options.ts'
import { describeChallenge } from './challenge.ts'
import { createDemoClients } from './clients.ts'
import { type DemoClock, findDemoClock } from './clock.ts'
import { bootstrapFirstModel } from './first-model.ts'
import { makeFirstResult } from './home-mix.ts'
import { STEPS } from './walk.ts'

export type Demo = {
  /** Before the newcomer is told that everything is ready: then slates come from a model. */
  prepare(): Promise<void>
  /** While the newcomer plays. */
  goOn(): Promise<void>
}

/** What goes wrong in it is said and changes nothing: everything else works without it. */
export async function createDemo(options: {
  readonly launcher: LauncherOptions
  readonly tokenSecret: string
  readonly personalization: (...args: readonly string[]) => Promise<string>
  readonly write: (line: string) => void
  readonly signal: AbortSignal
}): Promise<Demo> {
  const { launcher, tokenSecret: secret, personalization, write, signal } = options
  const url = `http://127.0.0.1:${launcher.ports.gateway}/graphql`
  const clients = await createDemoClients({ url, secret, signal })

  function say(line: string | null): void {
    if (line !== null) write(`Demo: ${line}`)
  }

  /** @returns whether it was given up, which a launcher that ends does not say: the next start goes on */
  async function attempt(what: string, run: () => Promise<void>): Promise<boolean> {
    try {
      await run()
    } catch (error) {
      if (signal.aborted) return false
      say(`${what} was given up: ${error instanceof Error ? error.message : error}`)
      return true
    }
    return false
  }

  async function walk(clock: DemoClock): Promise<void> {
    const progress = { challenger: '', champion: '' }
    for (const step of STEPS) {
      say(await step.run({ clients, clock, personalization, signal }, progress))
    }
    clock.remove()
  }

  async function goOnWalking(clock: DemoClock): Promise<void> {
    if (!(await attempt('the way of a challenger', () => walk(clock)))) return
    // What failed may fail at each start, and nobody wants to work a fortnight in the past.
    clock.remove()
    say('its time is that of the machine from now on; `npm run demo:reset` lets the next start begin anew')
  }

  return {
    async prepare() {
      await attempt('the first model', async () => say(await bootstrapFirstModel(clients, signal)))
    },
    async goOn() {
      const clock = findDemoClock(launcher)
      if (clock !== null) await goOnWalking(clock)
      else await attempt('the last challenger', async () => say(await describeChallenge(clients)))
      const now = () => findDemoClock(launcher)?.now() ?? Date.now()
      await attempt('the first result', async () => say(await makeFirstResult(clients, { now, signal })))
    },
  }
}
