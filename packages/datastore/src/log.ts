/** The part of a logger that a store needs. */
export type DatastoreLog = {
  info(details: object, message: string): void
  warn(details: object, message: string): void
}
