/** A candidate source was cut: it was too late for this slate, or is left out because it was too late or failed before. */
export class SourceCutError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SourceCutError'
  }
}
