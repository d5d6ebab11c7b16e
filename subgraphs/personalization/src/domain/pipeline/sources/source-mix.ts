import type { ServingParameters } from '../assignment/serving-parameters.ts'
import type { CandidateSource } from './candidate-source.ts'

type Mix = ServingParameters['mix']

/**
 * The sources of a mix, in its order.
 * @throws Error for a name that is not registered: every name that payloads may mix has to be
 */
export function mixOf(
  mix: Mix,
  sources: readonly CandidateSource[],
): { readonly source: CandidateSource; readonly weight: number }[] {
  return mix.map(({ name, weight }) => {
    const source = sources.find((known) => known.name === name)
    if (source === undefined) throw new Error(`no candidate source is called "${name}"`)
    return { source, weight }
  })
}

/** The sources outside the mix that fill what it leaves empty, in the order in which they do. */
export function fillersOf(mix: Mix, sources: readonly CandidateSource[]): CandidateSource[] {
  return sources
    .filter((source) => source.fillOrder !== null && !mix.some(({ name }) => name === source.name))
    .sort((a, b) => (a.fillOrder ?? 0) - (b.fillOrder ?? 0))
}
