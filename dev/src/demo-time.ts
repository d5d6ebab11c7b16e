import { isAbsent } from '@bulkhead/datastore/reset'
import { beginFortnight, findDemoClock } from './demo/clock.ts'
import { datastoreUrl, SUBGRAPHS } from './environment.ts'
import type { LauncherOptions } from './options.ts'

type DemoOptions = Pick<LauncherOptions, 'demo' | 'dataDir' | 'mongodbUrl'>

/**
 * The settings of a demo that has a time of its own: one that is loaded by this start, or that an earlier one has not
 * brought to its end. With it the model in shadow is asked beside every slate. Without the demo nobody would ever bring that
 * time to its end.
 */
export async function demoTime(options: DemoOptions): Promise<Record<string, string>> {
  if (!options.demo) findDemoClock(options)?.remove()
  else if (await areAbsent(options)) beginFortnight(options)
  const clock = findDemoClock(options)
  if (clock === null) return {}
  return { NODE_ENV: 'development', DEVELOPMENT_CLOCK_FILE: clock.file, SHADOW_SAMPLE_RATE: '1' }
}

async function areAbsent(topology: DemoOptions): Promise<boolean> {
  for (const subgraph of SUBGRAPHS) {
    if (!(await isAbsent(datastoreUrl(subgraph, topology)))) return false
  }
  return true
}
