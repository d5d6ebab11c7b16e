import { callThread } from '../call-thread.ts'
import type { Sample } from './sample-main.ts'

/** A process that does nothing else: only the thread keeps it alive. */
const thread = callThread<Sample>({ main: new URL('./sample-main.ts', import.meta.url) })
await thread.call('slow', 1)
await thread.close()
console.log('closed')
