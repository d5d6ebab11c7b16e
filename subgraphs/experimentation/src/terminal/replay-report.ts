import type { Replay } from '../services/analyses/replay.ts'

/** A replay as a person reads it in a terminal. */
export function replayReport(replay: Replay): string {
  const { id, experimentKey, equal, intact, hash, differing, codeVersion, inputsErased, logBegins } = replay
  const lines = [
    `analysis ${id} of ${experimentKey}: ${equal ? 'equal' : 'DIFFERENT'}`,
    `inputs erased: ${inputsErased}`,
  ]
  if (!equal) lines.push(`computed now: ${hash}`, ...differing.map((part) => `  differs: ${part}`))
  if (!intact) lines.push('the stored analysis is not what was hashed: something else has changed it')
  if (codeVersion.stored !== codeVersion.now) {
    lines.push(
      `it was computed by version ${codeVersion.stored} of the analysis, and this release has ${codeVersion.now}: replay it with a release of then`,
    )
  }
  if (logBegins > 0) {
    lines.push(`events up to position ${logBegins} are gone because of their age (EVENT_RETENTION_MS)`)
  }
  return lines.join('\n')
}
