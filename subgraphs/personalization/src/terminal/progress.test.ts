import { describe, expect, test } from 'vitest'
import { createProgress } from './progress.ts'

function harness(isTTY: boolean) {
  let now = 0
  let written = ''
  const terminal = {
    isTTY,
    write(text: string) {
      written += text
    },
  }
  return {
    progress: createProgress({ terminal, clock: { now: () => now }, title: 'Reading' }),
    wait(ms: number) {
      now += ms
    },
    written: () => written,
  }
}

describe('progress', () => {
  test('on a terminal one line is written over, and gone at the end', () => {
    const { progress, wait, written } = harness(true)
    progress.update(0.5, '10 rows')
    expect(written()).toBe('Reading [############------------]  50%  10 rows')
    progress.update(0.6, 'too soon to be shown')
    wait(100)
    progress.update(1, '20 rows')
    progress.end()
    expect(written().split('\r\u001b[2K')).toEqual([
      'Reading [############------------]  50%  10 rows',
      'Reading [########################] 100%  20 rows',
      '',
    ])
  })

  test('a note goes above the bar and stays', () => {
    const { progress, written } = harness(true)
    progress.update(0, 'a')
    progress.note('line 3 is bad')
    progress.end()
    expect(written().endsWith('\r\u001b[2Kline 3 is bad\n')).toBe(true)
  })

  test('elsewhere it is a line every five seconds, and nothing for what is quick', () => {
    const { progress, wait, written } = harness(false)
    progress.update(0.1, '1 row')
    expect(written()).toBe('')
    wait(5_000)
    progress.update(0.256, '2 rows')
    progress.update(0.3, '3 rows')
    progress.end()
    expect(written()).toBe('Reading: 25%, 2 rows\n')
  })
})
