/** The time in epoch milliseconds. Injected, so that tests and replays can set it. */
export type Clock = { now(): number }

export const systemClock: Clock = { now: () => Date.now() }
