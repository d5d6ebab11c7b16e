import type { ServerResponse } from 'node:http'

const MIB = 1024 * 1024

/** Writes a gigabyte of spaces, as fast as it is taken. */
export function writeGigabyte(response: ServerResponse): void {
  const mebibyte = Buffer.alloc(MIB, 0x20)
  let left = 1_024
  function write(): void {
    while (left > 0 && !response.destroyed) {
      left -= 1
      if (!response.write(mebibyte)) return void response.once('drain', write)
    }
    response.end()
  }
  write()
}
