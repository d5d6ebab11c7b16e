import { z } from 'zod'
import type { Declaration, TypeView } from './graph-index.ts'
import type { Owners } from './owners.ts'
import type { Resolution } from './resolution.ts'

/** What rules look at: built once, whatever their number. */
export type LintContext = {
  readonly types: readonly TypeView[]
  readonly typeOf: (name: string) => TypeView | undefined
  readonly resolution: Resolution
  readonly owners: Owners
}

/** A place that a rule complains of. */
export type Violation = {
  /** null where it is about the graph as a whole. */
  readonly coordinate: string | null
  /** One sentence. */
  readonly message: string
  /** Those that are to blame; the first one is where a reader is sent. */
  readonly declarations: readonly Declaration<{ readonly kind: string }>[]
}

export type LintLevel = 'warning' | 'error'

/** A rule of the registry. Its page in `schema/docs/lint` explains it with examples. */
export type LintRule = {
  readonly name: string
  /** The level without any configuration. */
  readonly recommended: LintLevel
  /** What it asks for, in one sentence. */
  readonly summary: string
  /** Why, in one sentence. */
  readonly reason: string
  /** What to do about a violation, in one sentence. */
  readonly advice: string
  readonly options: z.ZodObject
  readonly find: (context: LintContext, options: unknown) => readonly Violation[]
}

const ignoreSchema = z
  .array(z.string().min(1))
  .default([])
  .describe('Coordinates that the rule leaves alone, as patterns like those of owners.')

/**
 * A rule whose options are typed by their schema. All of them have defaults, and every rule knows `ignore`, which
 * `lintGraph` applies.
 */
export function defineRule<Shape extends z.ZodRawShape>(
  rule: Omit<LintRule, 'options' | 'find'> & {
    readonly options: Shape
    readonly find: (context: LintContext, options: z.infer<z.ZodObject<Shape>>) => Iterable<Violation>
  },
): LintRule {
  const own = z.object(rule.options)
  return {
    ...rule,
    options: z.strictObject({ ...rule.options, ignore: ignoreSchema }),
    find: (context, options) => [...rule.find(context, own.parse(options))],
  }
}
