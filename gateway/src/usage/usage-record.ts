import { z } from 'zod'

const count = z.int().min(1)
const origin = {
  replica: z
    .string()
    .min(1)
    .describe('The process that wrote the record. Each start of a gateway is a new one.'),
  sequence: z
    .int()
    .min(1)
    .describe(
      'Together with `replica` the identity of the record, which is written again after a failed write.',
    ),
  hour: z.iso.datetime({ precision: 3 }).describe('When the hour began, UTC.'),
}
const coordinates = z.array(z.string()).describe('Schema coordinates, sorted.')
const clientText = z.string().max(100).nullable()

const operationRecordSchema = z
  .object({
    type: z.literal('operation'),
    ...origin,
    signature: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('SHA-256 of the normalized document.'),
    document: z
      .string()
      .nullable()
      .describe(
        'The normalized document: sorted, without aliases, with numbers, texts, lists and objects empty. Null if it is long.',
      ),
    operationName: z.string().nullable(),
    kind: z.enum(['query', 'mutation', 'subscription']),
    client: z.object({ name: clientText, version: clientText }).describe('As the client named itself.'),
    count: count.describe('Requests since the record of this operation and client before.'),
    errors: z.int().min(0).describe('Those among them whose answer, or its first part, had errors.'),
    firstSeen: z.iso.datetime({ precision: 3 }),
    lastSeen: z.iso.datetime({ precision: 3 }),
    fields: coordinates.describe('`Type.field`, the type being that of the selection, such as an interface.'),
    arguments: coordinates.describe('`Type.field(argument:)`.'),
    inputFields: coordinates.describe('`Input.field`, in documents and in the values of variables.'),
    enumValues: coordinates.describe('`Enum.VALUE`, in documents and in the values of variables.'),
  })
  .describe('How often one client executed one operation.')

const unrecordedSchema = z
  .object({
    type: z.literal('unrecorded'),
    ...origin,
    count: count.describe('Requests that were executed and that no other record counts.'),
  })
  .describe('What was beyond the limits of an hour: this much is missing in the other records.')

/** A line of the usage file, which the schema check reads. */
export const usageRecordSchema = z
  .discriminatedUnion('type', [operationRecordSchema, unrecordedSchema])
  .meta({ title: 'Operation usage, one record a line' })

export type UsageRecord = z.infer<typeof usageRecordSchema>
