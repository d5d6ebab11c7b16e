import { fileURLToPath } from 'node:url'
import { checkArrows, TABLE_FILE } from './check.ts'
import { readRepository } from './repository.ts'
import { wordsOf } from './rooms.ts'
import { RESERVED, TABLE } from './table.ts'

/** Checks the imports of this repository, or of another checkout: `node dev/src/arrows/cli.ts [folder]`. */
const root = process.argv[2] ?? fileURLToPath(new URL('../../..', import.meta.url))
const problems = checkArrows(TABLE, wordsOf(RESERVED), readRepository(root))
for (const problem of problems) console.error(problem)
if (problems.length > 0) {
  console.error(`Who may import whom stands in ${TABLE_FILE}.`)
  process.exitCode = 1
}
