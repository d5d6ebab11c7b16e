/** Where a command writes; `process.stdout` and `process.stderr` are such. */
export type Terminal = {
  write(text: string): unknown
  /** True where a person looks on, and a line can be written over. */
  readonly isTTY?: boolean | undefined
}

/** 1234567 as 1,234,567, the same on every machine. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US')
}

/** "1 track", "2 tracks". */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : several}`
}
