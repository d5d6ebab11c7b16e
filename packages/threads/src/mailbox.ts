type Sender<Message> = (messages: readonly Message[], buffers: readonly ArrayBuffer[]) => void

/** Messages for another thread, which are sent together. */
export type Mailbox<Message> = {
  /** @param buffers those that are handed over instead of copied */
  put(message: Message, buffers: readonly ArrayBuffer[]): void
  /** Sends what waits now. */
  empty(): void
}

/**
 * Sends all messages of one turn of the event loop together, so that the other thread wakes once for all of them and
 * answers them together.
 * @param send throws, and sends nothing, where one of the messages cannot be cloned
 * @param refuse gets what cannot be cloned; the others are sent
 */
export function createMailbox<Message>(
  send: Sender<Message>,
  refuse: (message: Message, error: unknown) => void,
): Mailbox<Message> {
  let waiting: { readonly message: Message; readonly buffers: readonly ArrayBuffer[] }[] = []

  function empty(): void {
    const sent = waiting
    waiting = []
    if (sent.length === 0) return
    try {
      send(
        sent.map(({ message }) => message),
        sent.flatMap(({ buffers }) => buffers),
      )
    } catch {
      for (const one of sent) sendAlone(one.message, one.buffers)
    }
  }

  function sendAlone(message: Message, buffers: readonly ArrayBuffer[]): void {
    try {
      send([message], buffers)
    } catch (error) {
      refuse(message, error)
    }
  }

  return {
    put(message, buffers) {
      if (waiting.push({ message, buffers }) === 1) setImmediate(empty)
    },
    empty,
  }
}
