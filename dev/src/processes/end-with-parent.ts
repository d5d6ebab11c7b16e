import { isMainThread } from 'node:worker_threads'
import { whenAncestorEnds } from '@bulkhead/service/process/ancestors'

/**
 * The launcher preloads this into what it starts, with its own process id (`node --import …?parent=PID`); production
 * does not use it. When the launcher has ended, for whatever reason, the process drains as at Ctrl-C. A process that is
 * draining already gets this as its second signal and ends at once.
 */
const parent = Number(new URL(import.meta.url).searchParams.get('parent'))
// Worker threads load this too, but only the main thread watches.
if (isMainThread) whenAncestorEnds([parent], () => process.kill(process.pid, 'SIGTERM'))
