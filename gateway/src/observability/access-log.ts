import type { Logger } from '@bulkhead/service/logging'
import type { ClientName } from './client-name.ts'

/** `variables` logs those too. */
export type AccessLogMode = 'on' | 'off' | 'variables'

export type AccessRecord = {
  readonly requestId: string
  readonly status: number
  readonly ms: number
  /** False where the client left before the end of the answer. */
  readonly complete: boolean
  /** Undefined for an operation without a name, and where the request was refused before its operation was known. */
  readonly operation: string | undefined
  readonly kind: string | undefined
  readonly client: ClientName
  readonly errors: number
  readonly codes: ReadonlySet<string> | null
  readonly variables: Readonly<Record<string, unknown>> | undefined
}

/** Writes one line for each request. */
export type AccessLog = (record: AccessRecord) => void

/** Upper bound on codes in a line: subgraphs can invent any number. */
const MAX_CODES = 10
const MAX_NAME_LENGTH = 100
/** Characters of JSON. */
const MAX_VARIABLES_LENGTH = 10_000

/** @returns null where nothing would be logged */
export function createAccessLog(log: Logger, mode: AccessLogMode): AccessLog | null {
  if (mode === 'off' || !log.isLevelEnabled('info')) return null
  // Without redaction, which takes ten times as long as the rest of a line: no field below can hold a credential.
  const lines = log.child({}, { redact: [] })
  return (record) => {
    const { operation, kind, status, ms, complete, errors, codes, client, requestId, variables } = record
    lines.info(
      {
        operation: operation?.slice(0, MAX_NAME_LENGTH),
        kind,
        status,
        ms: Math.round(ms * 100) / 100,
        ...(complete ? undefined : { aborted: true }),
        ...(errors === 0 ? undefined : { errors, codes: [...(codes ?? [])].slice(0, MAX_CODES) }),
        client: client.name ?? undefined,
        clientVersion: client.version ?? undefined,
        ...(mode === 'variables' ? { variables: bounded(variables) } : undefined),
        requestId,
      },
      'request answered',
    )
  }
}

function bounded(variables: AccessRecord['variables']): unknown {
  if (variables === undefined) return undefined
  const text = JSON.stringify(variables)
  return text.length <= MAX_VARIABLES_LENGTH ? variables : `${text.slice(0, MAX_VARIABLES_LENGTH)}…`
}
