import { isMainThread } from 'node:worker_threads'
import { whenAncestorEnds } from './ancestors.ts'

/**
 * The launcher preloads this into what it starts, with its own process id (`node --import …?parent=PID`); in production
 * nobody does. When the launcher has ended, whatever ended it, the process drains as at Ctrl-C. One that is draining
 * already hears a second signal and ends at once.
 */
const parent = Number(new URL(import.meta.url).searchParams.get('parent'))
// Threads inherit the preload, but it is for the process to end.
if (isMainThread) whenAncestorEnds([parent], () => process.kill(process.pid, 'SIGTERM'))
