import type { DuckDBConnection } from '@duckdb/node-api'
import type { KnownErasure } from '../datastore/port.ts'
import { type ErasedInstants, unitHash } from '../domain/erasure.ts'
import { appendRows } from './append.ts'
import type { ReadModel } from './port.ts'
import { writeErasuresRead } from './progress.ts'

/** The clocks of those who take erasures in differ, and one is stored a moment after the instant that it says. */
const OVERLAP_MS = 3_600_000

/** The column that says when an event occurred by its own account. */
const CLAIMED = { exposures: 'claimed', served: 'claimed', interactions: 'occurred' } as const
type UnitTable = keyof typeof CLAIMED

/**
 * Whether the table `erased` erases a row: by what the event said itself, as the datastore does it. `sha256` gives
 * hexadecimal text.
 */
export function isErasedSql(table: UnitTable): string {
  return `exists (select 1 from erased where erased.hash = sha256(${table}.unit) and ${table}.${CLAIMED[table]} <= erased.instant)`
}

export const ERASE = `
delete from exposures where ${isErasedSql('exposures')};
delete from served where ${isErasedSql('served')};
delete from interactions where ${isErasedSql('interactions')};
delete from attributes where not exists (select 1 from exposures where exposures.attributes = attributes.id)
  and not exists (select 1 from interactions where interactions.attributes = attributes.id)`

/**
 * Leaves out erasures that were carried out in the state that they are in now. With the parameter true, those that still wait
 * stay, and are carried out once more.
 */
const FORGET_KNOWN = `
delete from erased where exists (select 1 from known_erasures as known
  where known.hash = erased.hash and known.instant = erased.instant
    and known.done >= erased.done and (erased.done or not ?))`

type Row = readonly [hash: string, instant: bigint, done: boolean]

function rowOf(hash: string, instant: number, done: boolean): Row {
  return [Buffer.from(hash, 'base64url').toString('hex'), BigInt(instant), done]
}

function rowsOf(erasures: readonly KnownErasure[]): readonly Row[] {
  return erasures.map(({ unitHash: hash, occurredAt, done }) => rowOf(hash, occurredAt, done))
}

/** Makes the table `erased` of the erasures that are carried out. */
async function ask(connection: DuckDBConnection, rows: readonly Row[]): Promise<void> {
  await connection.run(
    'create temporary table erased (hash varchar not null, instant bigint not null, done boolean not null)',
  )
  await appendRows(connection, 'erased', rows)
}

/** Makes the table `erased`, by which `ERASE` erases and which holds `hash`, hexadecimal text, and `instant`. */
export async function createErasedTable(
  connection: DuckDBConnection,
  erasures: readonly KnownErasure[],
): Promise<void> {
  await ask(connection, rowsOf(erasures))
}

/** From which instant on erasures have to be asked for the next time, if these were asked for at `at`. */
export function nextErasuresFrom(erasures: readonly KnownErasure[], at: number): number {
  // What still waits has to be seen again once it is done.
  const waiting = erasures.filter(({ done }) => !done).map(({ recordedAt }) => recordedAt)
  return Math.max(0, Math.min(at, ...waiting) - OVERLAP_MS)
}

/** Runs inside a transaction. */
export async function eraseUnits(connection: DuckDBConnection, units: ErasedInstants): Promise<void> {
  await ask(
    connection,
    [...units].map(([unit, instant]) => rowOf(unitHash(unit), instant, true)),
  )
  await connection.run(ERASE)
  await connection.run('drop table erased')
}

/** Runs inside a transaction; false where there was nothing to do. */
export async function eraseKnown(
  connection: DuckDBConnection,
  { erasures, at, again = false }: Parameters<ReadModel['eraseKnown']>[0],
): Promise<boolean> {
  const rows = rowsOf(erasures)
  await ask(connection, rows)
  await connection.run(FORGET_KNOWN, [again])
  const left = await connection.runAndReadAll('select count(*)::integer from erased')
  const isNew = left.getRows()[0]?.[0] !== 0
  if (isNew) await connection.run(ERASE)
  await connection.run('drop table erased')
  // The next read begins no earlier than this one, so what is not in it need not be remembered.
  await connection.run('delete from known_erasures')
  await appendRows(connection, 'known_erasures', rows)
  await writeErasuresRead(connection, { from: nextErasuresFrom(erasures, at), at })
  return isNew
}
