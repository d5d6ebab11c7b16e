/** The present of most tests: 2026-01-15T12:00:00.000Z. */
export const NOON = Date.UTC(2026, 0, 15, 12)
