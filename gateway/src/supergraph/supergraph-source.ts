/** Where the supergraph's text comes from. */
export type SupergraphSource = {
  /** What stands there, for messages. */
  readonly what: 'file' | 'document'
  /** Where it is, for logs and messages: without credentials. */
  readonly place: { readonly path: string } | { readonly url: string }
  /** The text as it is now. Rejects where it cannot be read; the message holds no credentials. */
  read(signal: AbortSignal): Promise<string>
}
