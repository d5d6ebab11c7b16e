import { existsSync, globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = new URL('../../', import.meta.url)

// By the file system and not by git: an unpacked archive has no history.
const pages = globSync('**/*.md', {
  cwd: fileURLToPath(ROOT),
  exclude: (name) => name === 'node_modules' || name.startsWith('.'),
})

/** GitHub's anchor of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}

function anchorsOf(page: URL): readonly string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))
}

/** Links of a page into this repository that lead nowhere. */
function brokenLinks(page: URL): readonly string[] {
  const text = readFileSync(page, 'utf8').replaceAll(/```[\s\S]*?```/g, '')
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false
    const target = new URL(link, page)
    const anchor = target.hash.slice(1)
    target.hash = ''
    return !existsSync(target) || (anchor !== '' && !anchorsOf(target).includes(anchor))
  })
}

test('the pages are found', () => {
  expect(pages).toContain('README.md')
})

test.each(pages)('every link of %s leads somewhere', (page) => {
  expect(brokenLinks(new URL(page, ROOT))).toEqual([])
})
