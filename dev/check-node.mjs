/**
 * The npm scripts preload this (`node --import`) into the program that they run. Were it a command of its own, each
 * script would need a shell that waits for both, and that shell does not pass npm's signals on.
 *
 * Plain JavaScript on purpose: it must load on the very Node versions that it complains about.
 */
const REQUIRED_MAJOR = 24
const major = Number(process.versions.node.split('.')[0])
if (major < REQUIRED_MAJOR) {
  console.error(
    `Bulkhead runs on Node ${REQUIRED_MAJOR}, which its devDependency "node" brings, but this is Node ${process.versions.node}: ` +
      'run `npm ci` without `--ignore-scripts` (or `npm rebuild node`), then start it with `npm run …`.',
  )
  process.exit(1)
}
