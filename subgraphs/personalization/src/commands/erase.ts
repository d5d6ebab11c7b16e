import { randomUUID } from 'node:crypto'
import type { Clock } from '@bulkhead/service/clock'
import type { EraseCommand } from '../command-line/command-line.ts'
import { createErasureService, type ErasureStore } from '../services/erasure-service.ts'
import { counted, type Terminal } from '../terminal/terminal.ts'

/** @returns the exit code */
export async function eraseUser(
  { userId, json }: EraseCommand,
  context: {
    readonly store: ErasureStore
    readonly clock: Clock
    readonly out: Terminal
    readonly err: Terminal
  },
): Promise<number> {
  const { store, clock, out, err } = context
  const erasures = createErasureService({
    store,
    clock,
    newId: randomUUID,
    maxSteps: Number.POSITIVE_INFINITY,
  })
  const erased = await erasures.erase(userId, 'operator')
  if (erased.type === 'refused') {
    err.write(
      'The user id is empty, longer than 256 characters, or not well-formed text: give it as it is stored\n',
    )
    return 1
  }
  const { id, interactions, slates } = erased
  out.write(
    json
      ? `${JSON.stringify({ erasureId: id, interactions, slates })}\n`
      : `Erased: ${counted(interactions, 'interaction')} and ${counted(slates, 'slate')} (erasure ${id}).
The service tells experimentation, and looks for what came late; it has to run for that.\n`,
  )
  return 0
}
