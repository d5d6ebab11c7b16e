import { existsSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/**
 * Lets a process wait for the others, where they want the same core.
 *
 * Linux may share the processor among sessions first (`man 7 sched`, "The autogroup feature"), and then the niceness of a
 * process counts only within its session. One that has a session of its own needs that of the session too.
 * @param pid of a process that leads its session
 * @param nice 1 to 19, the last gives way most
 * @throws where the system does not allow it
 */
export function giveWay(pid: number, nice: number): void {
  setPriority(pid, nice)
  const autogroup = `/proc/${pid}/autogroup`
  if (existsSync(autogroup)) writeFileSync(autogroup, String(nice))
}
