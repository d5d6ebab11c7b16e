import { z } from 'zod'
import { StartupError } from '../errors.ts'
import { parseJson } from '../json.ts'
import { readBounded } from '../read-bounded.ts'

const TIMEOUT_MS = 120_000
const MAX_ANSWER_BYTES = 16 * 1024 * 1024

/** The API did not do what was asked: one line for the person at the terminal. */
export class ApiError extends StartupError {}

/** The errors of a payload, as `errors { code message path }` selects them. */
export const refusalsSchema = z.array(
  z.object({ code: z.string(), message: z.string(), path: z.array(z.string()) }),
)

/** What the API refuses with, each with its field where that was selected. */
export function refusedWith(
  errors: readonly { readonly code: string; readonly message: string; readonly path?: readonly string[] }[],
): ApiError {
  const refusals = errors.map(({ code, message, path = [] }) => {
    const field = path.length === 0 ? '' : ` (${path.join('.')})`
    return `${code}${field}: ${message}`
  })
  return new ApiError(refusals.join('; '))
}

/** What a mutation has changed. @throws ApiError with every refusal, or where nothing has changed */
export function changedOf<T>(changed: T | null, refusals: Parameters<typeof refusedWith>[0]): T {
  if (refusals.length > 0) throw refusedWith(refusals)
  if (changed === null) throw new ApiError('the API has changed nothing, and gives no reason')
  return changed
}

export type ApiClient = {
  /**
   * Runs an operation and reads its data.
   * @throws ApiError where the API cannot be reached, refuses, or answers something else than the schema says
   */
  run<T>(document: string, variables: Readonly<Record<string, unknown>>, schema: z.ZodType<T>): Promise<T>
}

const answerSchema = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(
      z.object({ message: z.string(), extensions: z.object({ code: z.string() }).partial().exactOptional() }),
    )
    .exactOptional(),
})

type AnswerErrors = NonNullable<z.infer<typeof answerSchema>['errors']>

/** All of them, such as one for each unknown field of an input, and what can be done about a missing right. */
function describeErrors(errors: AnswerErrors, status: number, hasToken: boolean): string {
  const codes = errors.map(({ extensions }) => extensions?.code ?? `status ${status}`)
  const lines = errors.map(({ message }, index) => `${codes[index]}: ${message}`)
  return [...new Set(lines)].join('; ') + rightsAdvice(status, codes, hasToken)
}

/** How the gateway and the subgraph say that a right is missing. */
const MISSING_RIGHT: ReadonlySet<string> = new Set(['FORBIDDEN', 'UNAUTHORIZED_FIELD_OR_TYPE'])

function rightsAdvice(status: number, codes: readonly string[], hasToken: boolean): string {
  const unknown = status === 401 || codes.includes('UNAUTHENTICATED')
  const lacking = status === 403 || codes.some((code) => MISSING_RIGHT.has(code))
  if (!unknown && !lacking) return ''
  if (!hasToken) return '; no token is sent: set BULKHEAD_TOKEN'
  return unknown
    ? '; BULKHEAD_TOKEN is the token that is sent: set one that is valid'
    : '; set BULKHEAD_TOKEN to a token with these scopes'
}

/** @param options.token sent as bearer; null for none, which a gateway in development takes for the developer's */
export function createApiClient(options: {
  readonly url: string
  readonly token: string | null
  readonly fetch?: typeof globalThis.fetch
}): ApiClient {
  const { url, token, fetch = globalThis.fetch } = options

  async function post(body: string): Promise<{ readonly status: number; readonly text: string | null }> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        body,
        // A redirect would take the token to wherever it points.
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      const text = response.body === null ? '' : await readBounded(response.body, MAX_ANSWER_BYTES)
      return { status: response.status, text }
    } catch (error) {
      const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error
      const message = reason instanceof Error ? reason.message : String(reason)
      throw new ApiError(`${url} does not answer (${message}): is the gateway running? --url names it`)
    }
  }

  return {
    async run(document, variables, schema) {
      const { status, text } = await post(JSON.stringify({ query: document, variables }))
      if (text === null) throw new ApiError(`the answer of ${url} has more than ${MAX_ANSWER_BYTES} octets`)
      const answer = answerSchema.safeParse(parseJson(text))
      if (!answer.success)
        throw new ApiError(`${url} is no GraphQL endpoint: it answered with status ${status}`)
      const { errors = [] } = answer.data
      if (errors.length > 0) throw new ApiError(describeErrors(errors, status, token !== null))
      const data = schema.safeParse(answer.data.data)
      if (!data.success) {
        throw new ApiError(
          `${url} answered something else than was asked for: ${z.prettifyError(data.error)}`,
        )
      }
      return data.data
    },
  }
}
