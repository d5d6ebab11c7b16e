import { sampleRecord } from '../../testing/samples/interactions.ts'
import { sampleExposure, sampleSlate } from '../../testing/samples/slates.ts'
import { openPersonalizationStore } from '../open.ts'

/**
 * A process for the crash test: records interactions and slates without end on the datastore of its first argument
 * and writes a line for each that was acknowledged. A pipe's writes are synchronous here, so a line that was written
 * survives the process.
 */
const [url, prefix] = process.argv.slice(2)
if (url === undefined || prefix === undefined) throw new Error('usage: record-until-killed.ts URL PREFIX')

const store = await openPersonalizationStore(url)
const LOOPS = 16

async function recordWithoutEnd(loop: number): Promise<never> {
  for (let round = 0; ; round++) {
    const id = `${prefix}-${loop}-${round}`
    if (round % 4 === 3) {
      await store.saveSlate(sampleSlate(id), [sampleExposure(id)])
      process.stdout.write(`slate ${id}\n`)
      continue
    }
    const ids = Array.from({ length: 1 + (round % 3) }, (_, index) => `${id}-${index}`)
    await store.recordInteractions(ids.map((eventId) => sampleRecord(eventId)))
    process.stdout.write(ids.map((eventId) => `interaction ${eventId}\n`).join(''))
  }
}

await Promise.all(Array.from({ length: LOOPS }, (_, loop) => recordWithoutEnd(loop)))
