import { callThread } from './call-thread.ts'
import { METHOD_NAMES } from './messages.ts'

type Closable = { close(): Promise<void> }

/**
 * Opens a store on a thread of its own, so that nothing it waits for holds up the event loop of whoever calls it.
 * @param main the thread's module, which calls `answerCalls` with what opens the store
 * @param data what the module finds as its `workerData`
 * @param what names it in errors, such as `SQLite`
 * @returns the store, every method of which is called there; rejects as opening it does
 */
export async function openInThread<Store extends Closable>(
  main: URL,
  data: unknown,
  what: string,
): Promise<Store> {
  const thread = callThread<Record<string, (...args: unknown[]) => Promise<unknown>>>(main, data, what)
  try {
    const names = (await thread.call(METHOD_NAMES)) as readonly string[]
    const methods = names.map((name) => [name, (...args: unknown[]) => thread.call(name, ...args)] as const)
    return { ...Object.fromEntries(methods), close: thread.close } as Closable as Store
  } catch (error) {
    await thread.close()
    throw error
  }
}
