/** What a caller must have for a field, and lacks: completes "needs …". */
type Lacking = string

/** Which fields of an operation are null because the caller may not see them. */
export type Denials = {
  /** The field that a key stands for, where it was taken out of the operation and something public put in its place. */
  readonly removed: ReadonlyMap<string, { readonly field: string; readonly lacking: Lacking }>
  /** Of a field of an object of this type; null where the caller may see it. */
  lackingFor(typename: string, field: string): Lacking | null
}
