import { posix } from 'node:path'
import type { Import } from './imports.ts'
import type { Package } from './resolve.ts'

export type Table = Readonly<Record<string, Readonly<Record<string, string>>>>

/** A row of the table: a room of every folder that the group's name matches. */
export type Row = { readonly group: string; readonly name: string; readonly words: readonly string[] }

/** A room in one folder: `domain` of `subgraphs/personalization/src`. */
export type Room = { readonly row: Row; readonly folder: string }

const TEST_CODE = /(^|\/)testing\/|\.test\.[cm]?ts$/

export function wordsOf(text: string): string[] {
  return text.split(' ').filter((word) => word !== '')
}

export function rowsOf(table: Table): Row[] {
  return Object.entries(table).flatMap(([group, rows]) =>
    Object.entries(rows).map(([name, words]) => ({ group, name, words: wordsOf(words) })),
  )
}

/** The room of a file: that of its tests row if it is test code, else the one whose path is the longest. */
export function roomOf(path: string, rows: readonly Row[]): Room | undefined {
  let found: Room | undefined
  for (const row of rows) {
    const folder = folderOf(path, row.group)
    if (folder === undefined || !covers(row.name, folder === '.' ? path : path.slice(folder.length + 1)))
      continue
    if (found === undefined || rank({ row, folder }) > rank(found)) found = { row, folder }
  }
  return found
}

/** The beginning of the path that the name of a group matches. */
function folderOf(path: string, group: string): string | undefined {
  if (group === '.') return group
  const parts = path.split('/')
  const pattern = group.split('/')
  const isBelow = parts.length > pattern.length
  const matches = isBelow && pattern.every((part, index) => part === '*' || part === parts[index])
  return matches ? parts.slice(0, pattern.length).join('/') : undefined
}

function covers(name: string, path: string): boolean {
  if (name === 'tests') return TEST_CODE.test(path)
  return name === '.' || path === name || path.startsWith(`${name}/`)
}

function rank(room: Room) {
  return room.row.name === 'tests' ? Number.MAX_SAFE_INTEGER : pathOf(room).length
}

function pathOf({ row, folder }: Room) {
  return posix.join(folder, row.name)
}

export function titleOf(room: Room): string {
  return room.row.name === 'tests' ? `the tests of ${room.folder}` : pathOf(room)
}

export function isModuleWord(word: string): boolean {
  return word === 'outside' || /^(npm|node):/.test(word)
}

/** Whether a word in the row of `from` stands for the room `to`. */
export function namesRoom(
  word: string,
  from: Room,
  to: Room,
  packages: ReadonlyMap<string, Package>,
): boolean {
  if (word.startsWith('/')) return titleOf(to) === word.slice(1)
  if (word.startsWith('@')) {
    const [name = '', ...rest] = word.slice(1).split('/')
    const folder = packages.get(`@bulkhead/${name}`)?.folder
    return to.folder === `${folder}/src` && to.row.name === (rest.join('/') || '.')
  }
  return to.folder === from.folder && (word === '*' || word === to.row.name)
}

/** Whether a word allows these names of a module from outside. */
export function namesModule(
  word: string,
  module: string,
  names: Import['names'],
  reserved: readonly string[],
): boolean {
  if (word === 'outside') return !reserved.some((pattern) => namesModule(pattern, module, names, []))
  const [pattern = '', only] = word.split(/[{}]/)
  if (pattern.endsWith('/*') ? !module.startsWith(pattern.slice(0, -1)) : module !== pattern) return false
  return only === undefined || (names !== 'all' && names.every((name) => only.split(',').includes(name)))
}
