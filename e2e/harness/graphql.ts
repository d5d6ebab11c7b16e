type AnswerError = {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly extensions: Readonly<Record<string, unknown>> & { readonly code: string }
}

export type Answer = {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: a test knows the shape of what it asked for.
  readonly data: any
  readonly errors: readonly AnswerError[]
  /** The body as it came. */
  readonly text: string
}

/** Posts one GraphQL operation, as curl would. */
export async function query(
  url: string,
  text: string,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: text, variables }),
    signal: AbortSignal.timeout(30_000),
  })
  const body = await response.text()
  const parsed = JSON.parse(body)
  return { status: response.status, data: parsed.data, errors: parsed.errors ?? [], text: body }
}
