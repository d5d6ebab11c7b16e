/** A file that cannot be imported; one line that says what to do. */
export class ImportError extends Error {
  override readonly name = 'ImportError'
}
