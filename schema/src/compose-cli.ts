import { writeFile } from 'node:fs/promises'
import { composeSupergraph, SUPERGRAPH_PATH } from './compose.ts'

try {
  await writeFile(SUPERGRAPH_PATH, await composeSupergraph())
  console.log('Wrote schema/supergraph.graphql')
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
