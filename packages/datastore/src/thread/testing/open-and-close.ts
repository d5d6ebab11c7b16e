import { openInThread } from '../open-in-thread.ts'
import type { Sample } from './sample-main.ts'

/** A process that does nothing else: only the thread keeps it alive. */
const store = await openInThread<Sample>(new URL('./sample-main.ts', import.meta.url), 'fine', 'Sample')
await store.slow(1)
await store.close()
console.log('closed')
