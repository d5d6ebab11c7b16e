import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'
import { licencesOf } from './licences.ts'

/**
 * Writes `dist/`: the command as plain JavaScript, for projects that install the packed tarball, where Node
 * strips no types. What package.json names under `dependencies` stays outside and is installed beside it; everything
 * else is inside, and its licences are in `dist/THIRD-PARTY-LICENCES.txt`.
 */
const PACKAGE = fileURLToPath(new URL('..', import.meta.url))
const DIST = join(PACKAGE, 'dist')

const manifest: { dependencies: Record<string, string> } = JSON.parse(
  readFileSync(join(PACKAGE, 'package.json'), 'utf8'),
)
const outside = Object.keys(manifest.dependencies)

rmSync(DIST, { recursive: true, force: true })
const { output } = await build({
  input: [join(PACKAGE, 'src/cli.ts'), join(PACKAGE, 'src/composition/compose-thread.ts')],
  platform: 'node',
  external: (id) =>
    id.startsWith('node:') || outside.some((name) => id === name || id.startsWith(`${name}/`)),
  // The module of a thread is named by its URL, which bundling leaves as it is.
  plugins: [
    {
      name: 'thread-urls',
      renderChunk: (code) => code.replaceAll('./compose-thread.ts', './compose-thread.js'),
    },
  ],
  output: { dir: DIST, format: 'esm', chunkFileNames: '[name].js' },
  logLevel: 'warn',
})
const modules = output.flatMap((part) => (part.type === 'chunk' ? Object.keys(part.modules) : []))
writeFileSync(join(DIST, 'THIRD-PARTY-LICENCES.txt'), licencesOf(modules))
console.log(`Wrote ${relative(dirname(PACKAGE), DIST)}`)
