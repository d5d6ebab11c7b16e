/** CPU time of the calling thread since it began, milliseconds: unlike the clock, it says nothing of how busy the machine is. */
export function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
