import { gzipSync } from 'node:zlib'

const MEMBER_MIB = 16

/**
 * A gzip body that expands to so many mebibytes of spaces, a thousand times its size. It repeats one member, as the
 * format allows, since compressing a gigabyte would take seconds.
 * @param mebibytes a multiple of 16
 */
export function gzipBomb(mebibytes: number): Buffer {
  const member = gzipSync(Buffer.alloc(MEMBER_MIB * 1024 * 1024, 0x20))
  return Buffer.concat(Array.from({ length: mebibytes / MEMBER_MIB }, () => member))
}
