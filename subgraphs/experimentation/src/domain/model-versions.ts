import type { Experiment } from './experiment.ts'

/** The model versions that the variants' payloads name, each once. */
export function namedModelVersions({ variants }: Pick<Experiment, 'variants'>): string[] {
  const ids = variants.map(({ payload }) => payload?.modelVersionId)
  return [...new Set(ids.filter((id) => typeof id === 'string'))]
}
