import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'

const LOGGING = new URL('./logging.ts', import.meta.url).href

/** Runs statements with a `log`, and a count of system calls that write; resolves to what came out. */
async function run(
  statements: string,
  { endOn = '', isRead = true } = {},
): Promise<{ readonly lines: string[]; readonly err: string }> {
  const script = `
    import fs from 'node:fs'
    let calls = 0
    const { writeSync } = fs
    fs.writeSync = (...args) => { calls++; return writeSync(...args) }
    const { createLogger } = await import('${LOGGING}')
    const log = createLogger({ service: 'test', level: 'info' })
    ${statements}`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script])
  if (!isRead) child.stdout.destroy()
  let out = ''
  let err = ''
  child.stdout.on('data', (part) => {
    out += part
    if (endOn !== '' && out.includes(endOn)) child.kill('SIGKILL')
  })
  child.stderr.on('data', (part) => {
    err += part
  })
  await once(child, 'close')
  return { lines: out.split('\n').slice(0, -1), err }
}

test('many lines are written with few system calls, in order, and none is lost at the end', async () => {
  const { lines, err } = await run(
    "for (let n = 0; n < 1000; n++) log.info({ n }, 'answered'); process.on('exit', () => console.error(calls))",
  )
  expect(lines.map((line) => JSON.parse(line).n)).toEqual(Array.from({ length: 1000 }, (_, n) => n))
  expect(Number(err)).toBeGreaterThan(1)
  expect(Number(err)).toBeLessThan(50)
})

test('a line is written soon, though no other follows', async () => {
  const { lines } = await run("log.info('alone'); setInterval(() => {}, 1000)", { endOn: 'alone' })
  expect(lines).toHaveLength(1)
})

test('a warning is written at once, with the lines before it, be the process killed then', async () => {
  const { lines } = await run("log.info('before'); log.warn('careful'); process.kill(process.pid, 'SIGKILL')")
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['before', 'careful'])
})

test('what ends the process by an error is preceded by its lines', async () => {
  const { lines, err } = await run("log.info('before'); throw new Error('broken')")
  expect(lines).toHaveLength(1)
  expect(err).toContain('broken')
})

test('a process whose output nobody reads any more goes on', async () => {
  const { err } = await run(
    "for (let n = 0; n < 5; n++) { log.info({ n }); log.warn({ n }); await new Promise((go) => setTimeout(go, 30)) }; console.error('done')",
    { isRead: false },
  )
  expect(err).toBe('done\n')
})
