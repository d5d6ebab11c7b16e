/** The folder holds no export, one of another datastore or release, or files that are not as its manifest says. */
export class ExportUnusableError extends Error {
  override readonly name = 'ExportUnusableError'
  readonly code = 'EXPORT_UNUSABLE'
}
