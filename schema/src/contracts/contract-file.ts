import { parseDocument } from 'yaml'
import { cannotCheck } from '../model/cannot-check.ts'
import type { SourceFile, SourceLocation } from '../model/source.ts'
import { createJsonPlaces } from './json-place.ts'
import {
  createSchemaDocument,
  draftOf,
  isSchemaNode,
  type SchemaDocument,
  type SchemaNode,
  schemaProblem,
} from './json-schema.ts'

/** A contract of a tree. */
export type ContractFile = {
  readonly path: string
  readonly source: SourceFile
  readonly json: SchemaNode
  readonly document: SchemaDocument
  readonly placeOf: (path: readonly string[]) => SourceLocation
}

/** @throws CannotCheckError where the file is no JSON Schema, with the place */
export function readContract(path: string, source: SourceFile): ContractFile {
  const placeOf = createJsonPlaces(source)
  const json = readJson(source, 'a JSON Schema')
  if (!isSchemaNode(json)) return cannotCheck('The contract is no JSON Schema', 'an object', placeOf([]))
  const draft = draftOf(json)
  if (draft === null) {
    return cannotCheck(
      'The draft that `$schema` names is not supported',
      'https://json-schema.org/draft/2020-12/schema, or draft-07',
      placeOf(['$schema']),
    )
  }
  const problem = schemaProblem(json, draft)
  if (problem !== null) {
    return cannotCheck(
      `The contract is no JSON Schema: ${problem.path.join('.') || 'it'} ${problem.message}`,
      `a schema of draft ${draft}`,
      placeOf(problem.path),
    )
  }
  return { path, source, json, document: createSchemaDocument(json, draft), placeOf }
}

/** @throws CannotCheckError with the line where the text is no JSON */
export function readJson({ path, text }: SourceFile, expected: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // Not every version of Node says where it is. Nearly all that is no JSON is no YAML either, whose reader does.
    const offset = /position (\d+)/.exec(String(error))?.[1] ?? parseDocument(text).errors[0]?.pos[0] ?? 0
    const before = text.slice(0, Number(offset)).split('\n')
    return cannotCheck('The file is not JSON', expected, {
      file: path,
      line: before.length,
      column: (before.at(-1)?.length ?? 0) + 1,
    })
  }
}
