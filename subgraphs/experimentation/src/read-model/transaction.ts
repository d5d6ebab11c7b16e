import type { DuckDBConnection } from '@duckdb/node-api'

/** Commits what the work has done where it succeeds, and takes it back where it fails. */
export async function inTransaction<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
  await connection.run('begin transaction')
  try {
    const result = await work()
    await connection.run('commit')
    return result
  } catch (error) {
    // A rollback fails where the database has ended the transaction; the error of the work says more.
    await connection.run('rollback').catch(() => undefined)
    throw error
  }
}
