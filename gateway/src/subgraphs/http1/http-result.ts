/** How one HTTP exchange ended. Details are for the log alone. */
export type HttpResult =
  | {
      readonly type: 'response'
      readonly status: number
      readonly mediaType: string
      /** Decompressed. To be read at once: its bytes may be those that the connection reads into. */
      readonly body: Buffer
    }
  /** `unanswered`: no status had arrived, or none that could be read. */
  | { readonly type: 'broken'; readonly unanswered: boolean; readonly detail: string }
  | { readonly type: 'unreadable'; readonly detail: string }
