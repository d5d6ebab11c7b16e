import { z } from 'zod'
import { type FileTree, readRequired } from '../inputs/file-tree.ts'
import { CannotCheckError, cannotCheck } from '../model/cannot-check.ts'
import type { SourceLocation } from '../model/source.ts'
import { type ContractFile, readContract, readJson } from './contract-file.ts'
import { createJsonPlaces } from './json-place.ts'
import type { Json } from './json-schema.ts'

const listSchema = z.array(
  z.strictObject({
    experiment: z.string().min(1),
    variant: z.string().min(1),
    /** Path of the JSON Schema file that the payload has to fit. */
    schema: z.string().min(1),
    payload: z.json(),
  }),
)

type PayloadProblem = { readonly message: string; readonly key: string; readonly location: SourceLocation }

/**
 * The payloads of a list of running experiments that do not fit their schema in this tree.
 * @param location of the setting that names the list
 * @throws CannotCheckError where the list or a schema cannot be read
 */
export async function checkExperiments(
  tree: FileTree,
  path: string,
  location: SourceLocation,
  contracts: readonly ContractFile[],
): Promise<readonly PayloadProblem[]> {
  const source = await readRequired(tree, path, { what: 'the list of experiments', location })
  const placeOf = createJsonPlaces(source)
  const expected = 'a list of { experiment, variant, schema, payload }'
  const parsed = listSchema.safeParse(readJson(source, expected))
  if (!parsed.success) {
    throw new CannotCheckError(
      parsed.error.issues.map(({ path: where, message }) => ({
        location: placeOf(where.map(String)),
        message: `The list of experiments is wrong at ${where.join('.') || 'its root'}: ${message}`,
        expected,
      })),
    )
  }
  const schemas = new Map(contracts.map((contract) => [contract.path, contract]))
  const problems: PayloadProblem[] = []
  for (const [index, { experiment, variant, schema, payload }] of parsed.data.entries()) {
    let contract = schemas.get(schema)
    if (contract === undefined) {
      const file = await tree.read(schema)
      if (file === null) {
        cannotCheck(
          `The schema "${schema}" of the experiment ${experiment} is not there`,
          'the path of a JSON Schema file',
          placeOf([String(index), 'schema']),
        )
      }
      contract = readContract(schema, file)
      schemas.set(schema, contract)
    }
    const { problem } = contract.document
    if (problem !== null) {
      cannotCheck(
        `The schema of the experiment ${experiment} cannot be used: ${problem.message}`,
        'patterns that are regular expressions, and references to what is in the file',
        contract.placeOf(problem.path),
      )
    }
    const refusal = contract.document.refusalOf(payload as Json)
    if (refusal === null) continue
    problems.push({
      message: `The payload of the variant ${variant} of ${experiment} does not fit ${schema}: ${refusal}.`,
      key: `${experiment} ${variant}`,
      location: placeOf([String(index), 'payload']),
    })
  }
  return problems
}
