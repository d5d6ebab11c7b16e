import { randomUUID } from 'node:crypto'
import { EXPOSURE_COUNTS, RECORD } from './queries.ts'
import type { Stack } from './stack.ts'
import { storedEventIds } from './stored-events.ts'
import { waitUntil } from './wait-until.ts'

type Totals = { readonly units: number; readonly exposures: number }
type Count = Totals & { readonly asOf: string }

/** What is counted of an experiment so far, over all variants. */
export async function countedSoFar(stack: Stack, key: string): Promise<Totals> {
  return totals(await countsOf(stack, key))
}

/** What is counted of an experiment that has exposures, once everything that was ingested before this call is counted. */
export async function counted(stack: Stack, key: string): Promise<Totals> {
  const asked = Date.now()
  let counts: readonly Count[] = []
  await waitUntil('the counts are as of now', async () => {
    counts = await countsOf(stack, key)
    return counts.some(({ asOf }) => Date.parse(asOf) >= asked)
  })
  return totals(counts)
}

/** Waits until an event that was made after all others has been delivered. */
export async function delivered(stack: Stack): Promise<void> {
  const eventId = randomUUID()
  const { data: catalogue } = await stack.query('{ items(first: 1) { nodes { id } } }')
  const itemId = catalogue.items.nodes[0].id
  const { data } = await stack.query(RECORD, {
    input: { interactions: [{ eventId, userId: 'other', itemId, type: 'IMPRESSION' }] },
  })
  const { accepted } = data.recordInteractions
  if (accepted !== 1) throw new Error(`refused: ${JSON.stringify(data.recordInteractions)}`)
  await waitUntil('the last event is delivered', async () =>
    (await storedEventIds(stack.datastores.experimentation, 'interaction')).includes(eventId),
  )
}

async function countsOf(stack: Stack, key: string): Promise<readonly Count[]> {
  return (await stack.query(EXPOSURE_COUNTS, { key })).data.experiment.exposureCounts
}

function totals(counts: readonly Totals[]): Totals {
  return {
    units: counts.reduce((sum, count) => sum + count.units, 0),
    exposures: counts.reduce((sum, count) => sum + count.exposures, 0),
  }
}
