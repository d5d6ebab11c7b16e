import type { MetricEstimate } from '../domain/evaluation/report.ts'

/** Four decimals, or `-` for none. */
export function digits(value: number | null): string {
  return value === null ? '-' : value.toFixed(4)
}

/** `-` where there is none. */
export function interval({ lower, upper }: Pick<MetricEstimate, 'lower' | 'upper'>): string {
  return lower === null || upper === null ? '-' : `${digits(lower)} to ${digits(upper)}`
}
