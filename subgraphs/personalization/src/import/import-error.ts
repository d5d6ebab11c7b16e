/** A file that cannot be imported at all; one line that says what to do. */
export class ImportError extends Error {
  override readonly name = 'ImportError'
}
