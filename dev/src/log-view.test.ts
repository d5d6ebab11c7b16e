import { expect, test } from 'vitest'
import { readableLine } from './log-view.ts'

test('a JSON log line becomes time, service, level, message and fields', () => {
  const line = JSON.stringify({
    level: 40,
    time: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
    pid: 1,
    hostname: 'h',
    service: 'gateway',
    subgraph: 'experimentation',
    err: { message: 'it is down', stack: 'at …' },
    msg: 'fetch failed',
  })
  expect(readableLine('gateway', line)).toBe(
    '03:04:05.006 gateway         warn  fetch failed subgraph=experimentation err="it is down"',
  )
})

test.each(['plain text', '{broken', '[1]', '{"level":30}'])('%s stays as it is', (line) => {
  expect(readableLine('gateway', line)).toBe(`gateway         ${line}`)
})
