import { readFile } from 'node:fs/promises'

const SAMPLE_EVERY_MS = 50
const KIB = 1_024

/** The bytes of memory that a process takes; null where the system has no /proc. */
export async function residentBytes(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
  return kibibytes === undefined ? null : Number(kibibytes) * KIB
}

/** The most that a process takes until the work is done; null where the system has no /proc. */
export async function peakDuring(pid: number, work: Promise<unknown>): Promise<number | null> {
  let peak: number | null = null
  async function sample(): Promise<void> {
    const bytes = await residentBytes(pid)
    if (bytes !== null) peak = Math.max(peak ?? 0, bytes)
  }
  const timer = setInterval(sample, SAMPLE_EVERY_MS)
  try {
    await work
  } finally {
    clearInterval(timer)
  }
  await sample()
  return peak
}
