/** CPU time of the calling thread since it began, milliseconds: unlike the clock, it says nothing of how busy the machine is. */
export function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

/**
 * The same for whoever asks often, and only wants to know of what takes much longer than `maxAgeMs`: to read the CPU time
 * takes some microseconds, so it is read again when the last reading is older than that. A difference of two answers is at
 * most `maxAgeMs` too large or too small.
 */
export function createCoarseThreadCpu(
  maxAgeMs: number,
  read: () => number = threadCpuMs,
  now: () => number = () => performance.now(),
): () => number {
  let cpuMs = 0
  let readAt = Number.NEGATIVE_INFINITY
  return () => {
    const time = now()
    if (time - readAt <= maxAgeMs) return cpuMs
    readAt = time
    cpuMs = read()
    return cpuMs
  }
}
