import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { silentLog } from '../testing/test-app.ts'
import { startAnalystProcess } from './analyst-process.ts'

/** Numbers of the processes that this one has started, as Linux lists them. */
function childProcesses(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === process.pid)
    .map(Number)
}

function parentOf(pid: string): number | null {
  try {
    const [, parent] = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(parent)
  } catch {
    // It has ended meanwhile.
    return null
  }
}

describe.skipIf(!existsSync('/proc/self/status'))('the analyst beside a replica', () => {
  it('has less of the processor than the replica, and so has its session', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bulkhead-analyst-process-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    vi.stubEnv('DATASTORE_URL', `sqlite:${join(folder, 'log.db')}`)
    vi.stubEnv('LOG_LEVEL', 'fatal')
    const before = new Set(childProcesses())

    const analyst = startAnalystProcess({ drainTimeoutMs: 5_000, log: silentLog })
    onTestFinished(() => analyst.stop())

    const pid = await vi.waitFor(() => {
      const [started] = childProcesses().filter((child) => !before.has(child))
      if (started === undefined || getPriority(started) !== 10) throw new Error('it has its first priority')
      return started
    })
    const autogroup = `/proc/${pid}/autogroup`
    if (existsSync(autogroup)) expect(readFileSync(autogroup, 'utf8')).toMatch(/ nice 10$/m)
  })
})
