import type { Interval } from '../analysis/metric-result.ts'

const WIDTH = 31
const MIDDLE = (WIDTH - 1) / 2

/** An effect and its interval. @param percent false on the absolute scale: there an effect also is where the control's mean is 0 */
export function effectCells({ estimate, lower, upper }: Interval, percent: boolean): readonly string[] {
  return [effect(estimate, percent), `[${bound(lower, percent)}, ${bound(upper, percent)}]`]
}

/** The head of a column of drawn intervals. */
export function drawnZero(): string {
  return `${' '.repeat(MIDDLE)}0${' '.repeat(MIDDLE)}`
}

/** How far from 0 the widest of these intervals goes. */
export function reachOf(intervals: readonly Interval[]): number {
  return Math.max(
    0,
    ...intervals.flatMap(({ estimate, lower, upper }) => [estimate, lower ?? 0, upper ?? 0].map(Math.abs)),
  )
}

/** The interval on a line whose middle is 0 and whose ends are `reach` away. */
export function drawn({ estimate, lower, upper }: Interval, reach: number): string {
  function at(value: number): number {
    return reach === 0 ? MIDDLE : Math.round(MIDDLE + (value / reach) * MIDDLE)
  }
  const from = lower === null ? 0 : at(lower)
  const to = upper === null ? WIDTH - 1 : at(upper)
  return Array.from({ length: WIDTH }, (_, column) => {
    if (column === at(estimate)) return 'o'
    if (column >= from && column <= to) return '-'
    return column === MIDDLE ? '|' : ' '
  }).join('')
}

function effect(value: number, percent: boolean): string {
  const text = percent ? `${(value * 100).toFixed(2)} %` : shown(value)
  return value > 0 ? `+${text}` : text
}

function bound(value: number | null, percent: boolean): string {
  return value === null ? 'open' : effect(value, percent)
}

/** A p-value; a star says that its test has rejected. */
export function pValueCell(pValue: number | null, rejected: boolean): string {
  return pValue === null ? '-' : `${pValue.toPrecision(2)}${rejected ? ' *' : '  '}`
}

/** A number in few digits. */
export function shown(value: number, digits = 5): string {
  return Number(value.toPrecision(digits)).toString()
}
