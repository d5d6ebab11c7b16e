import { z } from 'zod'
import type { FileTree } from '../inputs/file-tree.ts'
import { CannotCheckError, cannotCheck, wholeFile } from '../model/cannot-check.ts'
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
 * @throws CannotCheckError where the list or a schema cannot be read
 */
export async function checkExperiments(
  tree: FileTree,
  path: string,
  contracts: readonly ContractFile[],
): Promise<readonly PayloadProblem[]> {
  const source = await tree.read(path)
  if (source === null) {
    return cannotCheck('The list of experiments is not there', 'the path of a JSON file', wholeFile(path))
  }
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
