/**
 * Tells those who work for a client that it has gone. An `AbortSignal` would do, but making one for each request and
 * listening to it for each fetch costs five times as much, while almost no client leaves before its answer.
 */
export class Cancellation {
  #cancelled = false
  readonly #listeners: (() => void)[] = []

  get cancelled(): boolean {
    return this.#cancelled
  }

  /** Calls each listener once. */
  cancel(): void {
    this.#cancelled = true
    // A listener may make another one be forgotten, which is not called then.
    for (let next = this.#listeners.shift(); next; next = this.#listeners.shift()) next()
  }

  /** Does not call the listener where it was cancelled before: see `cancelled`. */
  onCancel(listener: () => void): void {
    this.#listeners.push(listener)
  }

  forget(listener: () => void): void {
    const index = this.#listeners.indexOf(listener)
    if (index >= 0) this.#listeners.splice(index, 1)
  }
}
