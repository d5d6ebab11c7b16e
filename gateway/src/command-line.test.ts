import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parseCommandLine } from './command-line.ts'

test('options are read as they are written, and none is needed', () => {
  const args = ['--supergraph', 'http://registry.example/it', '--port', '4100', '--host', '0.0.0.0']
  expect(parseCommandLine(args)).toEqual({
    type: 'command',
    command: { supergraph: 'http://registry.example/it', port: '4100', host: '0.0.0.0' },
  })
  expect(parseCommandLine([])).toEqual({ type: 'command', command: {} })
})

test('the path of a file is made absolute, so that a message shows where it was looked for', () => {
  expect(parseCommandLine(['--supergraph', 'some/file'])).toMatchObject({
    command: { supergraph: resolve('some/file') },
  })
})

test.each([
  [['--supergraph'], 'argument missing'],
  [['--supergraph', 'x', '--port', '65536'], 'It is not a port from 0 to 65535'],
  [['--supergraph', 'x', '--port', '1e3'], 'It is not a port'],
  [['--supergraph', 'x', 'y'], 'unexpected "y"'],
  [['--supergraph', 'x', '--verbose'], "unknown option '--verbose'"],
])('%j is refused with one line', (args, message) => {
  expect(parseCommandLine(args)).toMatchObject({
    type: 'refused',
    message: expect.stringContaining(message),
  })
})

test('help names every option', () => {
  const parsed = parseCommandLine(['--help'])
  expect(parsed.type === 'help' && parsed.text).toMatch(/--supergraph <URL_OR_FILE>.*--port <N>.*--host <H>/s)
})
