import {
  assignmentSnapshotSchema,
  bootstrapDecisionSchema,
  decisionRecordSchema,
  eventBatchResultSchema,
  eventBatchSchema,
  exposureContextWireSchema,
  ingestEventSchema,
  jsonObjectSchema,
  servingPayloadSchema,
} from '@bulkhead/contracts'
import { z } from 'zod'

const FOLDER = new URL('../../../schema/contracts/', import.meta.url)

const CONTRACTS = {
  'assignment-snapshot': assignmentSnapshotSchema,
  'bootstrap-decision': bootstrapDecisionSchema,
  'decision-record': decisionRecordSchema,
  'event-batch': eventBatchSchema,
  'event-batch-result': eventBatchResultSchema,
  'exposure-context': exposureContextWireSchema,
  'ingest-event': ingestEventSchema,
  'serving-payload': servingPayloadSchema,
} as const

/** Path and text of each contract between the services as a JSON Schema, which the schema check compares with its base. */
export function renderContractSchemas(): readonly (readonly [path: URL, text: string])[] {
  return Object.entries(CONTRACTS).map(([name, schema]) => [
    new URL(`${name}.schema.json`, FOLDER),
    `${JSON.stringify(jsonSchemaOf(schema), null, 2)}\n`,
  ])
}

/**
 * As an input schema it allows further properties, because the contracts change by adding. What only code can check, such
 * as that a text is well-formed, is left out.
 */
function jsonSchemaOf(schema: z.ZodType): object {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      if (Object.is(zodSchema, jsonObjectSchema)) jsonSchema.type = 'object'
    },
  })
}
