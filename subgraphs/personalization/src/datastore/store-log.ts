/** What a store logs: that something it may lose is lost. */
export type StoreLog = { warn(details: object, message: string): void }
