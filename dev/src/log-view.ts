import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { isRecord, parseJson } from '@bulkhead/service/json'
import { DEMO_CLIENT } from './demo/clients.ts'

const NAME_WIDTH = 15
/** Fields that every line has, or that the prefix already shows. */
const HIDDEN = new Set(['level', 'time', 'pid', 'hostname', 'service', 'name', 'msg'])

function fieldText(value: unknown): string {
  if (isRecord(value) && 'message' in value) return JSON.stringify(value.message)
  return typeof value === 'string' && /^[^\s"]+$/.test(value) ? value : JSON.stringify(value)
}

/** One JSON log line as a person reads it; a line that is no log record stays as it is. */
export function readableLine(source: string, line: string): string {
  const prefix = source.padEnd(NAME_WIDTH)
  const record = parseJson(line)
  if (!isRecord(record) || typeof record.msg !== 'string') return `${prefix} ${line}`
  const time = typeof record.time === 'string' ? record.time.slice(11, 23) : ''
  const level = typeof record.level === 'string' ? record.level : ''
  const message = record.msg.replaceAll(/\s+/g, ' ')
  const fields = Object.entries(record)
    .filter(([key]) => !HIDDEN.has(key))
    .map(([key, value]) => `${key}=${fieldText(value)}`)
  return [time, prefix, level.padEnd(5), message, ...fields].join(' ').trimEnd()
}

/** A thousand requests of the demo's listeners would hide everything else; one that failed is shown. */
function isOfDemo(line: string): boolean {
  if (!line.includes(`"client":"${DEMO_CLIENT}"`)) return false
  const record = parseJson(line)
  return isRecord(record) && record.level === 'info' && record.status === 200
}

/** Hands the lines of a process's output to `write`, as a person reads them, but for the requests of the demo. */
export function followOutput(source: string, stream: Readable, write: (line: string) => void): void {
  createInterface({ input: stream }).on('line', (line) => {
    if (line !== '' && !isOfDemo(line)) write(readableLine(source, line))
  })
}
