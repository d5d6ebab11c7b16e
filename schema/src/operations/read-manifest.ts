import { Kind, parse } from 'graphql'
import { z } from 'zod'
import { parseJsonFile, readShape } from '../inputs/located-value.ts'
import { syntaxProblem } from '../inputs/read-subgraphs.ts'
import type { Problem } from '../model/cannot-check.ts'
import type { SourceFile, SourceLocation } from '../model/source.ts'
import { lineIndex } from './line-index.ts'
import type { WrittenOperation } from './read-documents.ts'

const manifestSchema = z.looseObject({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(
    z.looseObject({
      id: z.string().min(1, 'an id that is not empty'),
      name: z.string(),
      type: z.enum(['query', 'mutation', 'subscription']),
      body: z.string(),
    }),
  ),
})

type Entry = z.infer<typeof manifestSchema>['operations'][number]

/** The operations of an Apollo persisted-query manifest. @param problems gets what is wrong with single entries */
export function readManifest(file: SourceFile, problems: Problem[]): readonly WrittenOperation[] {
  const { operations } = readShape(parseJsonFile(file), manifestSchema)
  const bodies = new Map<string, string>()
  const lines = lineIndex(file)
  let position = 0
  return operations.flatMap((entry) => {
    // In the order of the file, so that an id that stands elsewhere too is not found there.
    const found = file.text.indexOf(JSON.stringify(entry.id), position)
    position = Math.max(found, position)
    const location = lines(position)
    const known = bodies.get(entry.id)
    bodies.set(entry.id, entry.body)
    if (known !== undefined && known !== entry.body) {
      problems.push({
        location,
        message: `Two operations have the id ${entry.id}`,
        expected: 'an id for each operation',
      })
    }
    return readEntry(entry, location, problems)
  })
}

function readEntry(entry: Entry, location: SourceLocation, problems: Problem[]): readonly WrittenOperation[] {
  const what = `Operation ${entry.name === '' ? entry.id : entry.name}`
  let document: ReturnType<typeof parse>
  try {
    document = parse(entry.body)
  } catch (error) {
    const { message } = syntaxProblem(error, { path: location.file, text: entry.body }, '')
    problems.push({ location, message: `${what}: ${message}`, expected: 'a GraphQL operation in `body`' })
    return []
  }
  const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION)
  const [operation] = operations
  const name = operation?.name?.value ?? null
  if (operation === undefined || operations.length > 1 || (name ?? '') !== entry.name) {
    problems.push({
      location,
      message: `${what} is not what \`body\` has`,
      expected: `one operation called ${entry.name}, with its fragments`,
    })
    return []
  }
  if (operation.operation !== entry.type) {
    problems.push({
      location,
      message: `${what} is a ${operation.operation} in \`body\`, and a ${entry.type} in \`type\``,
      expected: 'the same in both',
    })
    return []
  }
  return [{ name, manifestId: entry.id, document, location }]
}
