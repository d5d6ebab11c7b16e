import { DatastoreUnavailableError } from '@bulkhead/datastore/errors'
import { sampleExposures } from '../../testing/samples.ts'
import { openExperimentationStore } from '../open.ts'

// A process of its own that ingests and positions for as long as its stdin is open, and writes the slate id of every
// acknowledged exposure to stdout. Started by writer-process.ts: `node ingest-until-killed.ts URL NAME`.

const [url = '', name = ''] = process.argv.slice(2)
process.stdin.resume().once('end', () => process.exit(0))

const store = await openExperimentationStore(url)
process.stdout.write('ready\n')
for (let from = 0; ; from += 3) {
  try {
    await store.ingest(sampleExposures(name, from, 3))
    process.stdout.write(`${name}-${from}\n${name}-${from + 1}\n${name}-${from + 2}\n`)
    await store.assignPositions(7)
  } catch (error) {
    if (!(error instanceof DatastoreUnavailableError)) throw error
  }
  await new Promise(setImmediate)
}
