import type { Problem } from '../model/cannot-check.ts'
import type { Report } from '../model/report.ts'
import { renderGithub, renderGithubProblems } from './github.ts'
import { renderJson, renderJsonProblems } from './json.ts'
import { renderJunit, renderJunitProblems } from './junit.ts'
import { renderMarkdown, renderMarkdownProblems } from './markdown.ts'
import { type HelpOf, renderSarif, renderSarifProblems } from './sarif.ts'
import { renderText, renderTextProblems } from './text.ts'

export const FORMATS = ['text', 'json', 'markdown', 'github', 'sarif', 'junit'] as const
export type Format = (typeof FORMATS)[number]

export type RenderOptions = {
  /** Whether the text format uses them. */
  readonly colors: boolean
  /** What the documents say of a finding's code; SARIF shows it as the rule's help. */
  readonly helpOf?: HelpOf
  /** The file that SARIF names for findings without a place, such as the config file. */
  readonly fallbackFile?: string
}

/** A report as text that ends with a line break: the same bytes for the same report. */
export function renderReport(report: Report, format: Format, options: RenderOptions): string {
  // UTF-8 cannot write half a surrogate pair, and XML may not even escape it.
  return rendered(report, format, options).toWellFormed()
}

function rendered(report: Report, format: Format, options: RenderOptions): string {
  const { colors, helpOf = () => null, fallbackFile = null } = options
  switch (format) {
    case 'text':
      return renderText(report, { colors })
    case 'json':
      return renderJson(report)
    case 'markdown':
      return renderMarkdown(report)
    case 'github':
      return renderGithub(report)
    case 'sarif':
      return renderSarif(report, { helpOf, fallbackFile })
    case 'junit':
      return renderJunit(report)
  }
}

/** Why there is no report (exit code 2), in a form that no reader of that format takes for a green one. */
export function renderProblems(problems: readonly Problem[], format: Format, options: RenderOptions): string {
  return renderedProblems(problems, format, options).toWellFormed()
}

function renderedProblems(problems: readonly Problem[], format: Format, options: RenderOptions): string {
  const { colors, fallbackFile = null } = options
  switch (format) {
    case 'text':
      return renderTextProblems(problems, colors)
    case 'json':
      return renderJsonProblems(problems)
    case 'markdown':
      return renderMarkdownProblems(problems)
    case 'github':
      return renderGithubProblems(problems)
    case 'sarif':
      return renderSarifProblems(problems, fallbackFile)
    case 'junit':
      return renderJunitProblems(problems)
  }
}
