import type { Command } from 'commander'

export type ShadowCommand = { readonly name: 'shadow'; readonly versionId: string; readonly json: boolean }

export function defineShadow(program: Command, ask: (command: ShadowCommand) => void): void {
  program
    .command('shadow')
    .summary('show what a model version did in shadow, and what it lacks for an experiment')
    .description(
      `Shows how the lists of a model version compare with those that were served, over all replicas. A version in stage
SHADOW is asked about a sample of slates (SHADOW_SAMPLE_RATE) off the request path; users never see its lists.`,
    )
    .argument('<VERSION>', 'the id of a model version, as `models list` shows it')
    .option('--json', 'the report as JSON, null where there is none')
    .action((versionId: string, { json }: { json?: true }) =>
      ask({ name: 'shadow', versionId, json: json === true }),
    )
}
