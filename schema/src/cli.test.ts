import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const CLI = fileURLToPath(new URL('./cli.ts', import.meta.url))
const CONFIG = fileURLToPath(new URL('../fixtures/bookshop/supergraph.yaml', import.meta.url))

test('a reader that stops reading changes nothing about the outcome, and prints no trace', async () => {
  const child = spawn(process.execPath, [CLI, 'check', '--config', CONFIG, '--no-base', '--format', 'json'])
  child.stdout.destroy()
  let err = ''
  child.stderr.on('data', (part) => {
    err += part
  })
  const [code] = await once(child, 'close')
  expect({ code, err }).toEqual({ code: 0, err: '' })
})
