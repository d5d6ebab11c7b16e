/** Candidates asked of a source for each position: room for the mix, the diversity limit and exploration. */
const CANDIDATES_PER_POSITION = 4
const MIN_FULL_WIDTH = 80

/** How many candidates each source is asked for. */
export type CandidateWidth = {
  readonly width: number
  /** True where it is less than the full width. */
  readonly isReduced: boolean
}

/**
 * The quality factor's share of the full width, but never less than the slate can need: an item for each position, and
 * for each that the caller excludes.
 *
 * @param options.size items wanted
 * @param options.excluded number of items that the caller excludes
 * @param options.qualityFactor above 0, at most 1
 */
export function candidateWidth(options: {
  readonly size: number
  readonly excluded: number
  readonly qualityFactor: number
}): CandidateWidth {
  const { size, excluded, qualityFactor } = options
  const full = Math.max(MIN_FULL_WIDTH, CANDIDATES_PER_POSITION * size)
  const width = Math.min(full, Math.max(size + excluded, Math.ceil(full * qualityFactor)))
  return { width, isReduced: width < full }
}
