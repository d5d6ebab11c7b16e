import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { isRecord, parseJson } from '@bulkhead/service/json'

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

/** Hands every line of a process's output to `write`, as a person reads it. */
export function followOutput(source: string, stream: Readable, write: (line: string) => void): void {
  createInterface({ input: stream }).on('line', (line) => {
    if (line !== '') write(readableLine(source, line))
  })
}
