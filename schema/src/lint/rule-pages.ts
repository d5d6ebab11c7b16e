import type { LintRule } from './rule.ts'
import { LINT_RULES } from './rules.ts'

/** The options of a rule as the table of its page. */
export function renderOptions({ options }: LintRule): string {
  const defaults = options.parse({}) as Readonly<Record<string, unknown>>
  const rows = Object.entries(options.shape).map(
    ([name, schema]) =>
      `| \`${name}\` | \`${JSON.stringify(defaults[name])}\` | ${'description' in schema ? schema.description : ''} |`,
  )
  return `| option | default | meaning |\n|---|---|---|\n${rows.join('\n')}\n`
}

/** All rules as the table of `docs/lint/README.md`. */
export function renderRules(): string {
  const rows = LINT_RULES.map(
    ({ name, recommended, summary }) => `| [${name}](${name}.md) | ${recommended} | ${summary} |`,
  )
  return `| rule | recommended | what it asks for |\n|---|---|---|\n${rows.join('\n')}\n`
}
