import type { Report } from '../model/report.ts'

export const FORMATS = ['text', 'json', 'markdown', 'github', 'sarif', 'junit'] as const
export type Format = (typeof FORMATS)[number]

/** A report as text that ends with a line break. */
export function renderReport(
  report: Report,
  _format: Format,
  _options: { readonly colors: boolean },
): string {
  return `${JSON.stringify(report)}\n`
}
