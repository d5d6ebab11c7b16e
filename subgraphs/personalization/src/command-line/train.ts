import { instant, wholeNumber } from '@bulkhead/service/option-values'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { MAX_DIMENSIONS } from '../domain/artefact/factors.ts'
import { DEFAULT_EASE } from '../domain/ease/parameters.ts'
import { DEFAULT_IALS } from '../domain/ials/parameters.ts'
import { DEFAULT_PARAMETERS } from '../domain/item-to-item/parameters.ts'
import { ALGORITHMS, type Algorithm, type TrainingChoice } from '../domain/training/algorithms.ts'
import { MAX_ITEMS_OF_EASE } from '../domain/training/training-plan.ts'

/** The options that an algorithm has besides `--algorithm`, as commander names them. */
const OPTIONS_OF: Readonly<Record<Algorithm | 'by-size', readonly string[]>> = {
  'by-size': ['seed'],
  ease: ['lambda', 'neighbours', 'seed'],
  ials: ['dimensions', 'epochs', 'unobservedWeight', 'regularization', 'frequencyExponent', 'seed'],
  'item-knn': ['shrinkage', 'neighbours', 'seed'],
}

export type TrainCommand = {
  readonly choice: TrainingChoice
  /** Epoch milliseconds: what happened from then on is left out; null for nothing. */
  readonly until: number | null
}

type Shared = { readonly until?: number; readonly register?: true }

type Given = {
  readonly algorithm?: Algorithm
  readonly seed?: number
  readonly lambda?: number
  readonly neighbours?: number
  readonly shrinkage?: number
  readonly dimensions?: number
  readonly epochs?: number
  readonly unobservedWeight?: number
  readonly regularization?: number
  readonly frequencyExponent?: number
}

/** Adds the options of `train`; `ask` is given what they mean together. */
export function defineTrain(program: Command, ask: (command: TrainCommand) => void): void {
  const { lambda, neighbours } = DEFAULT_EASE
  const ials = DEFAULT_IALS
  program
    .command('train')
    .summary('train a model on everything that is stored')
    .description(
      `Trains a model on every click, play and like that is stored, and registers it, at the beginning of its path to
production (docs/model-path.md): it does not serve yet. Nothing happens where the version in production, or the newest
one that is not retired, was trained on the same data in the same way.

It runs in this process, beside the service and not in it. iALS that is interrupted goes on after its last finished epoch
when the same command is run again.`,
    )
    .addOption(
      new Option(
        '--algorithm <NAME>',
        `ease, ials or item-knn (default: ease up to ${MAX_ITEMS_OF_EASE.toLocaleString('en-US')} items, ials above)`,
      ).choices(ALGORITHMS),
    )
    .option(
      '--seed <N>',
      `where the random numbers of ials begin; the others need none (default: ${ials.seed})`,
      wholeNumber(0, 1e15),
    )
    .option(
      '--lambda <X>',
      `ease: the higher, the less rare items are trusted (default: ${lambda})`,
      above(0),
    )
    .option(
      '--neighbours <N>',
      `ease, item-knn: items kept for each item (default: ${neighbours})`,
      wholeNumber(1, 100_000),
    )
    .option(
      '--shrinkage <X>',
      `item-knn: the same for similarities (default: ${DEFAULT_PARAMETERS.shrinkage})`,
      from(0),
    )
    .option(
      '--dimensions <N>',
      `ials: numbers for each item (default: ${ials.dimensions})`,
      wholeNumber(1, MAX_DIMENSIONS),
    )
    .option('--epochs <N>', `ials: passes over the data (default: ${ials.epochs})`, wholeNumber(1, 1_000))
    .option(
      '--unobserved-weight <X>',
      `ials: what a pair that was not observed counts, where an observed one counts 1 (default: ${ials.unobservedWeight})`,
      above(0),
    )
    .option(
      '--regularization <X>',
      `ials: the higher, the less the data is trusted (default: ${ials.regularization})`,
      above(0),
    )
    .option(
      '--frequency-exponent <X>',
      `ials: how much that grows with how often a user or item occurs, 0 to 2 (default: ${ials.frequencyExponent})`,
      from(0, 2),
    )
    .option(
      '--until <TIME>',
      'leave out what happened from then on (RFC 3339), so that the version can be evaluated on it',
      instant,
    )
    .option('--register', 'what it does anyway: the version is REGISTERED, and does not serve')
    .action(({ until, register: _, ...given }: Given & Shared) => {
      const name = given.algorithm ?? 'by-size'
      for (const option of program.commands.find((command) => command.name() === 'train')?.options ?? []) {
        const key = option.attributeName() as keyof Given
        if (key === 'algorithm' || given[key] === undefined || OPTIONS_OF[name].includes(key)) continue
        const owners = ALGORITHMS.filter((algorithm) => OPTIONS_OF[algorithm].includes(key)).join(' or ')
        program.error(`${option.long} is an option of ${owners}: add --algorithm ${owners}`)
      }
      ask({ choice: choiceOf(given), until: until ?? null })
    })
}

function choiceOf({ algorithm, seed, lambda, neighbours, shrinkage, ...ofIals }: Given): TrainingChoice {
  const seeded = { ...(seed !== undefined && { seed }) }
  const bounded = { ...(neighbours !== undefined && { neighbours }) }
  switch (algorithm) {
    case 'ease':
      return { algorithm, parameters: { ...bounded, ...(lambda !== undefined && { lambda }) } }
    case 'ials':
      return { algorithm, parameters: { ...ofIals, ...seeded } }
    case 'item-knn':
      return { algorithm, parameters: { ...bounded, ...(shrinkage !== undefined && { shrinkage }) } }
    default:
      return { algorithm: 'by-size', parameters: seeded }
  }
}

/** Beyond it, sums of squares could no longer be computed. */
const MAX_NUMBER = 1e12

/** `min` itself is too small. */
function above(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && value > min && value <= MAX_NUMBER) return value
    throw new InvalidArgumentError(`It is not a number above ${min}, of up to ${MAX_NUMBER}.`)
  }
}

function from(min: number, max = MAX_NUMBER): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && value >= min && value <= max) return value
    throw new InvalidArgumentError(`It is not a number from ${min} to ${max}.`)
  }
}
