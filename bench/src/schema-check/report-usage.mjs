// Loaded with --import: the last line of the process's standard error says what it has used.
import { writeSync } from 'node:fs'

process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
  const usage = { peakMiB: maxRSS / 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 }
  writeSync(process.stderr.fd, `\n${JSON.stringify(usage)}`)
})
