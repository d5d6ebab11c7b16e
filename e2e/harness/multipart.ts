type Part = {
  /** Since the request was sent. */
  readonly ms: number
  // biome-ignore lint/suspicious/noExplicitAny: a test knows the shape of what it asked for.
  readonly body: any
}

const BOUNDARY = '\r\n---'

/** Posts an operation as a client that takes deferred parts, and reads each part as it comes. */
export async function streamParts(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
): Promise<Part[]> {
  const begun = performance.now()
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'multipart/mixed;deferSpec=20220824' },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(30_000),
  })
  const type = response.headers.get('content-type')
  if (!type?.startsWith('multipart/mixed'))
    throw new Error(`not in parts but ${type}: ${await response.text()}`)
  const parts: Part[] = []
  let text = ''
  for await (const chunk of (response.body as ReadableStream<Uint8Array>).pipeThrough(
    new TextDecoderStream(),
  )) {
    text += chunk
    const pieces = text.split(BOUNDARY)
    text = pieces.pop() ?? ''
    for (const piece of pieces) {
      const json = piece.indexOf('{')
      if (json !== -1) parts.push({ ms: performance.now() - begun, body: JSON.parse(piece.slice(json)) })
    }
  }
  if (!text.startsWith('--')) throw new Error(`the answer has no end: ${text}`)
  return parts
}
