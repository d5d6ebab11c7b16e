/**
 * The sum of a metric over its labels, in the text that a service shows at `/metrics`; 0 where it is not there.
 * @param match parts of a line that it must have, such as `outcome="compared"`
 */
export function readMetric(text: string, metric: string, match: readonly string[] = []): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    .filter((line) => match.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}
