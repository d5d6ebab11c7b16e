import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Graph } from '../model/graph.ts'
import type { KnownOperations } from '../model/operation.ts'
import { renderDeprecationsPage, renderIndexPage, renderSubgraphsPage } from './overview-pages.ts'
import { GENERATOR } from './parts.ts'
import { createSite, type OwnersOf } from './site.ts'
import { STYLE } from './style.ts'
import { renderTypePage } from './type-page.ts'

/**
 * Writes a reference of a graph: pages that link to each other, to open from the folder or to serve from anywhere.
 * Pages of types that are gone are removed; files of others stay.
 * @returns how many pages were written
 */
export async function writeDocs(
  graph: Graph,
  operations: KnownOperations,
  ownersOf: OwnersOf,
  folder: string,
): Promise<number> {
  const files = renderDocs(graph, operations, ownersOf)
  await mkdir(join(folder, 'types'), { recursive: true })
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  for (const name of await readdir(join(folder, 'types'))) {
    const path = join(folder, 'types', name)
    if (files.has(`types/${name}`) || !name.endsWith('.html')) continue
    if ((await readFile(path, 'utf8')).includes(GENERATOR)) await rm(path)
  }
  return files.size - 1
}

/** Every file of the reference by its path. */
function renderDocs(
  graph: Graph,
  operations: KnownOperations,
  ownersOf: OwnersOf,
): ReadonlyMap<string, string> {
  const site = createSite(graph, operations, ownersOf)
  return new Map([
    ['style.css', STYLE],
    ['index.html', renderIndexPage(site)],
    ['deprecations.html', renderDeprecationsPage(site)],
    ['subgraphs.html', renderSubgraphsPage(site)],
    ...site.types.map((type) => [site.pageOf(type.name) ?? '', renderTypePage(site, type)] as const),
  ])
}
