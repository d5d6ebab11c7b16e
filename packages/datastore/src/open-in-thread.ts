import { callThread, type ThreadCalls } from '@bulkhead/threads/call-thread'
import { DatastoreStartupError, DatastoreUnavailableError, throwAsOutage } from './errors.ts'

/**
 * Calls an object on a thread that owns a datastore (`answerCalls` of packages/threads). A thread that has ended is an
 * outage: whether its last writes are there is not known; callers repeat them, and ids make that harmless.
 * @param main the thread's module
 * @param data what the module finds as its `workerData`
 * @param what names it in errors, such as `SQLite`
 */
export function callDatastoreThread<Target>(main: URL, data: unknown, what: string): ThreadCalls<Target> {
  return callThread<Target>({
    main,
    data,
    errors: { DatastoreStartupError, DatastoreUnavailableError, RangeError },
    ended: (why, cause) => new DatastoreUnavailableError(`${what}: ${why}`, { cause }),
  })
}

/**
 * Opens a store on a thread of its own, so that nothing it waits for holds up the event loop of whoever calls it.
 * @returns the store, every method of which is called there; rejects as opening it does. If the thread ends, the next call
 *   opens the store again, and a file that cannot be opened then is an outage
 */
export async function openInThread<Store extends { close(): Promise<void> }>(
  main: URL,
  data: unknown,
  what: string,
): Promise<Store> {
  const thread = callDatastoreThread<Record<string, (...args: unknown[]) => Promise<unknown>>>(
    main,
    data,
    what,
  )
  try {
    const names = await thread.methodNames()
    const methods = names.map((name) => {
      return [name, (...args: unknown[]) => thread.call(name, ...args).catch(throwAsOutage)] as const
    })
    return { ...Object.fromEntries(methods), close: thread.close } as { close(): Promise<void> } as Store
  } catch (error) {
    await thread.close()
    throw error
  }
}
