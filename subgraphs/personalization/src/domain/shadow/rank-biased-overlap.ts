/** How far down readers look: the chance that they go on from one rank to the next. The first 10 ranks weigh 86 %. */
const PERSISTENCE = 0.9

/**
 * Rank-biased overlap of two lists, best first, each without duplicates: RBO_EXT of Webber, Moffat and Zobel, "A similarity
 * measure for indefinite rankings" (2010), equation 32. It takes lists of different lengths, and extrapolates the agreement
 * at their ends to what follows.
 * @returns 0 for lists that share nothing to 1 for the same list; two empty lists are the same
 */
export function rankBiasedOverlap(
  a: readonly string[],
  b: readonly string[],
  persistence = PERSISTENCE,
): number {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a]
  if (short.length === 0) return long.length === 0 ? 1 : 0
  const inShort = new Set<string>()
  const inLong = new Set<string>()
  let overlap = 0
  let overlapAtShort = 0
  let weight = 1
  let sum = 0
  for (let depth = 1; depth <= long.length; depth++) {
    const ofLong = long[depth - 1] as string
    const ofShort = short[depth - 1]
    inLong.add(ofLong)
    if (ofShort !== undefined) inShort.add(ofShort)
    if (inShort.has(ofLong)) overlap++
    if (ofShort !== undefined && ofShort !== ofLong && inLong.has(ofShort)) overlap++
    if (depth === short.length) overlapAtShort = overlap
    weight *= persistence
    // Beyond its end the shorter list is taken to agree as much as it did there.
    const beyond = Math.max(0, depth - short.length)
    sum += ((overlap + (overlapAtShort * beyond) / short.length) / depth) * weight
  }
  const atEnd = (overlap - overlapAtShort) / long.length + overlapAtShort / short.length
  return Math.min(1, ((1 - persistence) / persistence) * sum + atEnd * weight)
}
