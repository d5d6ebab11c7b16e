import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { isInUse, resetDatastore } from '@bulkhead/datastore/reset'
import { findDemoClock } from './demo/clock.ts'
import { datastoreUrl, SERVICES, SUBGRAPHS, type Topology } from './environment.ts'
import type { LauncherCommand } from './options.ts'
import { isAlive } from './processes/ready.ts'
import { runWithOptions } from './run-with-options.ts'
import { SECRETS_FILE } from './secrets.ts'

const RESET: LauncherCommand = {
  program: 'npm run demo:reset --',
  describe: (program) =>
    program.description(
      `Deletes the data of both subgraphs, so that the next \`npm start\` loads the demo again. Stop Bulkhead first.

Without --mongodb it deletes personalization.db and experimentation.db in DATA_DIR, and the development secrets there.
It refuses, and deletes nothing, while one of the files is in use.
With --mongodb it deletes the two databases; files stay. MongoDB cannot tell who uses them: it refuses only while
Bulkhead answers on its ports.`,
    ),
}

async function refuseWhileInUse({ ports, mongodbUrl }: Topology, urls: readonly string[]): Promise<void> {
  for (const url of urls) {
    if (isInUse(url)) throw new Error(`${url.replace(/^sqlite:/, '')} is in use: stop Bulkhead first`)
  }
  if (mongodbUrl === null) return
  for (const name of SERVICES) {
    if (!(await isAlive(ports[name]))) continue
    throw new Error(`Bulkhead is running (${name} answers on port ${ports[name]}): stop it first`)
  }
}

async function reset(topology: Topology): Promise<void> {
  const urls = SUBGRAPHS.map((subgraph) => datastoreUrl(subgraph, topology))
  // Check both before deleting either: half a reset would leave slates of experiments that no longer exist.
  await refuseWhileInUse(topology, urls)
  for (const url of urls) {
    const { type, what } = await resetDatastore(url)
    if (type === 'in-use') throw new Error(`${what} is in use: stop Bulkhead first`)
  }
  findDemoClock(topology)?.remove()
  // These secrets signed the data of this folder; data on MongoDB may be signed with those of another folder.
  if (topology.mongodbUrl === null) rmSync(join(topology.dataDir, SECRETS_FILE), { force: true })
  process.stdout.write('Reset: the next `npm start` loads the demo again\n')
}

runWithOptions(RESET, reset)
