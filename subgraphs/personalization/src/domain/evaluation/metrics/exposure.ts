/**
 * The share of the catalogue that is in at least one list, in [0, 1]; null for an empty catalogue.
 * @param exposures by item of the catalogue: in how many lists it is
 */
export function coverage(exposures: Uint32Array): number | null {
  if (exposures.length === 0) return null
  let shown = 0
  for (const count of exposures) if (count > 0) shown++
  return shown / exposures.length
}

/**
 * Gini coefficient of how often the items are shown: 0 where all are shown equally often, (n - 1) / n where one of n is
 * all that is shown. Items that are never shown count. With exposures x in ascending order and i from 1:
 *
 *     sum over i of (2 i - n - 1) x(i) / (n sum x)
 *
 * Null where nothing is shown. (Fleder and Hosanagar 2009 measure the concentration of recommendations so.)
 */
export function gini(exposures: Uint32Array): number | null {
  const ascending = exposures.toSorted()
  const n = ascending.length
  let total = 0
  let weighted = 0
  ascending.forEach((count, index) => {
    total += count
    weighted += (2 * (index + 1) - n - 1) * count
  })
  return total === 0 ? null : weighted / (n * total)
}
