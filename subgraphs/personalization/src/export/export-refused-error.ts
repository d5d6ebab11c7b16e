/** A folder that cannot be exported to; one line that says what to do. */
export class ExportRefusedError extends Error {
  override readonly name = 'ExportRefusedError'
}
