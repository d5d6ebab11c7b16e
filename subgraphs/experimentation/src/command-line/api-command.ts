import { urlOption } from '@bulkhead/service/api/url-option'
import { wholeNumber } from '@bulkhead/service/option-values'
import { type Command, Option } from 'commander'

/** What every command that calls the API can be given. */
export type SharedOptions = { readonly url?: string; readonly json?: true }

/** What a review is given; `approve` and `reject` are what `isApproval` reads. */
export type ReviewOptions = SharedOptions & {
  readonly approve?: true
  readonly reject?: true
  readonly comment: string
  readonly revision?: number
}

/** @param options.scopes that the token needs */
export function apiCommand(
  parent: Command,
  options: {
    readonly name: string
    readonly summary: string
    readonly about: string
    readonly scopes: string
  },
): Command {
  const { name, summary, about, scopes } = options
  return parent
    .command(name)
    .summary(summary)
    .description(
      `${about} It calls the API at BULKHEAD_URL with the token BULKHEAD_TOKEN, which needs ${scopes}.`,
    )
    .option('--json', 'for programs')
    .addOption(urlOption('the GraphQL endpoint, instead of BULKHEAD_URL'))
}

export function apiReview(
  command: Command,
  about: { readonly approve: string; readonly reject: string },
): Command {
  return command
    .option('--approve', about.approve)
    .option('--reject', about.reject)
    .addOption(new Option('--comment <TEXT>', 'why').makeOptionMandatory())
    .addOption(revisionOption())
}

/** Ends the program where neither or both are given. */
export function isApproval({ approve, reject }: ReviewOptions, command: Command): boolean {
  if (approve === reject) command.error('give one of --approve and --reject')
  return approve === true
}

export function revisionOption(): Option {
  return new Option('--revision <N>', 'refuse it at any other one; by default, the current one').argParser(
    wholeNumber(1),
  )
}
