import { isMainThread } from 'node:worker_threads'

/**
 * The launcher preloads this (`node --import`) into the services that it starts; in production nobody does. Standard
 * input is a pipe from the launcher, which closes when that ends, whatever ended it: then the service drains as at
 * Ctrl-C. One that is draining already hears a second signal and ends at once.
 *
 * Threads inherit the preload, but their standard input is none and closes at once.
 */
if (isMainThread) {
  process.stdin.once('error', () => undefined)
  process.stdin.once('close', () => process.kill(process.pid, 'SIGTERM'))
  process.stdin.resume()
  // A service that ends by itself does not wait for the launcher.
  process.stdin.unref()
}
