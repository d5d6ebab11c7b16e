/** Where a command writes, such as `process.stdout` or `process.stderr`. */
export type Terminal = {
  write(text: string): unknown
  /** True for a real terminal, where a line can be overwritten. */
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
