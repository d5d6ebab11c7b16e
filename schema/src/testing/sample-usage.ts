import type { UsageRecord } from '@bulkhead/gateway/usage/usage-record'
import { sha256 } from '../operations/signature.ts'

type OperationRecord = Extract<UsageRecord, { readonly type: 'operation' }>

/** A record of `query One{one}`, as the gateway writes it. */
export function sampleUsageRecord(overrides: Partial<OperationRecord> = {}): OperationRecord {
  const document = overrides.document ?? 'query One{one}'
  return {
    type: 'operation',
    replica: 'r1',
    sequence: 1,
    hour: '2026-02-28T12:00:00.000Z',
    signature: sha256(document),
    document,
    operationName: 'One',
    kind: 'query',
    client: { name: 'web', version: '1' },
    count: 1,
    errors: 0,
    firstSeen: '2026-02-28T12:00:00.000Z',
    lastSeen: '2026-02-28T12:30:00.000Z',
    fields: ['Query.one'],
    arguments: [],
    inputFields: [],
    enumValues: [],
    ...overrides,
  }
}
