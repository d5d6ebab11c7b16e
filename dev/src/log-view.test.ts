import { expect, test } from 'vitest'
import { readableLine } from './log-view.ts'

test('a JSON log line becomes time, service, level, message and fields', () => {
  const line = JSON.stringify({
    level: 'warn',
    time: '2026-01-02T03:04:05.006Z',
    pid: 1,
    hostname: 'h',
    service: 'gateway',
    subgraph: 'experimentation',
    err: { message: 'it is down', stack: 'at …' },
    msg: 'fetch\n\tfailed',
  })
  expect(readableLine('gateway', line)).toBe(
    '03:04:05.006 gateway         warn  fetch failed subgraph=experimentation err="it is down"',
  )
})

test.each(['plain text', '{broken', '[1]', '{"level":"info"}'])('%s stays as it is', (line) => {
  expect(readableLine('gateway', line)).toBe(`gateway         ${line}`)
})
