import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { composeSupergraph, SUPERGRAPH_PATH } from './compose.ts'

test('the committed supergraph is what the subgraphs compose to', async () => {
  const committed = await readFile(SUPERGRAPH_PATH, 'utf8')
  expect(committed, 'stale: run `npm run schema:compose` and commit the result').toBe(
    await composeSupergraph(),
  )
})
