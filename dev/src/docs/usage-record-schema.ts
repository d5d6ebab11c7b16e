import { usageRecordSchema } from '@bulkhead/gateway/usage/usage-record'
import { z } from 'zod'

/** Path of the generated JSON Schema. */
export const USAGE_RECORD_SCHEMA = new URL('../../../docs/usage-record.schema.json', import.meta.url)

/**
 * The JSON Schema of a line of the usage file, made from what the gateway writes by. As an input schema it allows further
 * properties, because the format changes by adding.
 */
export function renderUsageRecordSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(usageRecordSchema, { io: 'input' }), null, 2)}\n`
}
