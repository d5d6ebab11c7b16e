/** A share of units, 0 to 1. */
export type Share = { readonly share: number; readonly units: number }

/** Of the standard normal distribution, for an interval of 95 %. */
const Z = 1.96

/**
 * By how much one share is larger than another at least: the lower bound of Newcombe's interval of 95 % for the difference
 * of two shares (Newcombe 1998, method 10), which is right for few units and for shares of 0 and 1 too.
 */
export function leastDifference(own: Share, other: Share): number {
  const below = own.share - scoreInterval(own).lower
  const above = scoreInterval(other).upper - other.share
  return own.share - other.share - Math.hypot(below, above)
}

/** Wilson 1927. */
function scoreInterval({ share, units }: Share): { readonly lower: number; readonly upper: number } {
  const scale = 1 + Z ** 2 / units
  const middle = (share + Z ** 2 / (2 * units)) / scale
  const half = (Z * Math.sqrt((share * (1 - share)) / units + Z ** 2 / (4 * units ** 2))) / scale
  return { lower: middle - half, upper: middle + half }
}
