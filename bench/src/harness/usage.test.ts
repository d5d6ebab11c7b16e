import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { parsePsLine, parseStat, readUsage, sumOfTree } from './usage.ts'

/** Uses at least so much CPU time itself, and as much in a child. */
function burn(ms: number): string {
  const loop = `for (let used = 0; used < ${ms * 1_000}; ) { const { user, system } = process.cpuUsage(); used = user + system }`
  return `
    require('node:child_process').spawnSync(process.execPath, ['-e', '${loop}'])
    ${loop}
    process.send('done')
    setInterval(() => undefined, 1_000)
  `
}

test("the CPU time of a process counts its children's, also of those that have ended", async () => {
  const child = spawn(process.execPath, ['-e', burn(400)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'message')
  const { cpuMs, rssMiB } = readUsage(child.pid ?? 0)
  // Each burns at least 400 ms. 750 allows for the resolution of what the kernel shows.
  expect(cpuMs).toBeGreaterThan(750)
  expect(rssMiB).toBeGreaterThan(10)
})

test('a program whose name looks like the other fields is read right', () => {
  const stat = '42 (a) R 1 (b) S 7 42 42 0 -1 4194304 100 0 0 0 11 22 33 44 20 0 1 0 1428756 3133440 361'
  expect(parseStat(stat)).toEqual({ pid: 42, parent: 7, cpuMs: 1_100 })
})

test('the lines of ps are read with days, hours and hundredths of a second', () => {
  const usage = { pid: 12, parent: 1, rssMiB: 2, peakRssMiB: Number.NaN }
  expect(parsePsLine('   12     1  2048   0:01.25')).toEqual([{ ...usage, cpuMs: 1_250 }])
  expect(parsePsLine('   12     1  2048 1-02:03:04')).toEqual([{ ...usage, cpuMs: 93_784_000 }])
  expect(parsePsLine('')).toEqual([])
})

test('descendants count, other processes do not', () => {
  const process = (pid: number, parent: number) => ({ pid, parent, cpuMs: 10, rssMiB: 1, peakRssMiB: 2 })
  const table = [process(1, 0), process(2, 1), process(3, 2), process(4, 1), process(5, 0)]
  expect(sumOfTree(1, table)).toEqual({ cpuMs: 40, rssMiB: 4, peakRssMiB: 8 })
  expect(() => sumOfTree(6, table)).toThrow('process 6 has ended')
})
