import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** What a process and everything below it has used so far. */
export type Usage = {
  /** User and system time of all threads. */
  readonly cpuMs: number
  readonly rssMiB: number
  /** The most it ever was; NaN where the system does not keep it. */
  readonly peakRssMiB: number
}

export type ProcessUsage = Usage & { readonly pid: number; readonly parent: number }

/** The kernel shows its times in this unit on every architecture that Node runs on. */
const MS_PER_TICK = 10
const KIB_PER_MIB = 1024

/** Linux: from /proc, at a resolution of 10 ms. Elsewhere: from `ps`, which knows no peak. */
export function readUsage(pid: number): Usage {
  return sumOfTree(pid, process.platform === 'linux' ? readProc() : readPs())
}

/** Adds up a process and its descendants. */
export function sumOfTree(root: number, processes: readonly ProcessUsage[]): Usage {
  const own = processes.find(({ pid }) => pid === root)
  if (own === undefined) throw new Error(`process ${root} has ended, so its CPU time cannot be read`)
  return processes
    .filter(({ parent }) => parent === root)
    .map(({ pid }) => sumOfTree(pid, processes))
    .reduce(
      (sum, child) => ({
        cpuMs: sum.cpuMs + child.cpuMs,
        rssMiB: sum.rssMiB + child.rssMiB,
        peakRssMiB: sum.peakRssMiB + child.peakRssMiB,
      }),
      { cpuMs: own.cpuMs, rssMiB: own.rssMiB, peakRssMiB: own.peakRssMiB },
    )
}

function readProc(): ProcessUsage[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
        return [{ ...parseStat(stat), ...parseStatus(readFileSync(`/proc/${name}/status`, 'latin1')) }]
      } catch {
        // It ended between the two readings.
        return []
      }
    })
}

/** One line of /proc/PID/stat. The children that it counts are those that have ended. */
export function parseStat(stat: string): Pick<ProcessUsage, 'pid' | 'parent' | 'cpuMs'> {
  // The second field is the program's name in parentheses, and may hold blanks and parentheses itself.
  const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = rest.slice(11, 15).reduce((sum, text) => sum + Number(text), 0)
  return { pid: Number.parseInt(stat, 10), parent: Number(rest[1]), cpuMs: ticks * MS_PER_TICK }
}

function parseStatus(status: string): Pick<ProcessUsage, 'rssMiB' | 'peakRssMiB'> {
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / KIB_PER_MIB
  return { rssMiB: field('VmRSS'), peakRssMiB: field('VmHWM') }
}

function readPs(): ProcessUsage[] {
  const listed = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,rss=,time='], { encoding: 'utf8' })
  if (listed.status !== 0) throw new Error('CPU time needs Linux, or a `ps` that takes -A and -o')
  return listed.stdout.split('\n').flatMap(parsePsLine)
}

/** `PID PPID KIB [[DAYS-]HOURS:]MINUTES:SECONDS[.HUNDREDTHS]`; nothing for any other line. */
export function parsePsLine(line: string): ProcessUsage[] {
  const [, pid, parent, rss, days, clock] =
    /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(?:(\d+)-)?([\d:.]+)\s*$/.exec(line) ?? []
  if (clock === undefined) return []
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  return [
    {
      pid: Number(pid),
      parent: Number(parent),
      rssMiB: Number(rss) / KIB_PER_MIB,
      peakRssMiB: Number.NaN,
      cpuMs: (Number(days ?? 0) * 86_400 + seconds) * 1_000,
    },
  ]
}
