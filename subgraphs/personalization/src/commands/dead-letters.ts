import { formatTable } from '@bulkhead/service/format-table'
import { plainText } from '@bulkhead/service/plain-text'
import type { DeadLettersCommand } from '../command-line/dead-letters.ts'
import type { DeadLetter, DeadLetterPosition, PersonalizationStore } from '../datastore/port.ts'
import { counted, type Terminal } from '../terminal/terminal.ts'

type LetterStore = Pick<PersonalizationStore, 'listDeadLetters' | 'replayDeadLetters' | 'deadLetterCount'>

const PAGE = 500

/** @returns the exit code */
export async function runDeadLetters(
  command: DeadLettersCommand,
  { store, out }: { readonly store: LetterStore; readonly out: Terminal },
): Promise<number> {
  if (command.action === 'list') await list(command, store, out)
  else await replay(command, store, out)
  return 0
}

async function list(
  { limit, json }: { readonly limit: number; readonly json: boolean },
  store: LetterStore,
  out: Terminal,
): Promise<void> {
  const letters: DeadLetter[] = []
  for await (const page of pagesOf(store)) {
    letters.push(...page.slice(0, limit - letters.length))
    if (letters.length >= limit) break
  }
  const total = await store.deadLetterCount()
  if (json) {
    out.write(`${JSON.stringify({ total, deadLetters: letters.map(toJson) }, null, 2)}\n`)
    return
  }
  if (letters.length === 0) {
    out.write('No dead letters.\n')
    return
  }
  const rows = letters.map(({ event, code, message, at }) => [
    plainText(event.eventId),
    new Date(at).toISOString(),
    event.kind,
    plainText(code),
    plainText(message),
  ])
  out.write(`${formatTable(['event', 'kept at', 'kind', 'code', 'message'], rows)}\n`)
  if (total > letters.length) out.write(`The oldest ${letters.length} of ${total}; --limit shows more.\n`)
}

/** Puts them back into the outbox; the service delivers them, and keeps those that are refused again. */
async function replay(
  command: {
    readonly eventIds: readonly string[] | null
    readonly code: string | null
    readonly json: boolean
  },
  store: LetterStore,
  out: Terminal,
): Promise<void> {
  const { eventIds, code, json } = command
  const chosen = eventIds === null ? null : new Set(eventIds)
  let replayed = 0
  for await (const page of pagesOf(store)) {
    const ids = page
      .filter(({ event }) => chosen?.has(event.eventId) ?? true)
      .filter((letter) => code === null || letter.code === code)
      .map(({ event }) => event.eventId)
    if (ids.length > 0) replayed += await store.replayDeadLetters(ids)
  }
  const left = await store.deadLetterCount()
  out.write(
    json
      ? `${JSON.stringify({ replayed, left })}\n`
      : `Replayed: ${counted(replayed, 'event is', 'events are')} in the outbox again, ${counted(left, 'dead letter is', 'dead letters are')} left.\n`,
  )
}

/** The position is a letter's own, so that the next page is the same though a page is replayed. */
async function* pagesOf(store: Pick<LetterStore, 'listDeadLetters'>): AsyncGenerator<readonly DeadLetter[]> {
  for (let after: DeadLetterPosition | null = null; ; ) {
    const page: readonly DeadLetter[] = await store.listDeadLetters({ limit: PAGE, after })
    yield page
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return
    after = { at: last.at, eventId: last.event.eventId }
  }
}

function toJson({ event, code, message, at }: DeadLetter): object {
  return {
    eventId: event.eventId,
    keptAt: new Date(at).toISOString(),
    kind: event.kind,
    code,
    message,
    event,
  }
}
