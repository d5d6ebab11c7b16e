/** An export that retention waits for, and how far it has got. */
export type Archive = {
  readonly name: string
  /** The export's own id, so that no other one can take its name. */
  readonly exportId: string
  /** The ingest position up to which it holds events. */
  readonly through: number
  /** Erasures that were recorded before this instant are applied, epoch milliseconds. */
  readonly erasuresFrom: number
}

export type ArchiveStore = {
  /** Null before the first export of this name. */
  archive(name: string): Promise<Archive | null>
  /** Durable when it resolves true; it never goes back. False where the name is another export's: then nothing changes. */
  moveArchive(archive: Archive): Promise<boolean>
}
