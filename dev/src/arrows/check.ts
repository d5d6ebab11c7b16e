import { type Import, isCode, readImports } from './imports.ts'
import { type Files, type Package, packagesOf, resolveSpecifier, type Target } from './resolve.ts'
import {
  isModuleWord,
  namesModule,
  namesRoom,
  type Room,
  type Row,
  roomOf,
  rowsOf,
  type Table,
  titleOf,
} from './rooms.ts'

export const TABLE_FILE = 'dev/src/arrows/table.ts'

type House = {
  readonly rows: readonly Row[]
  readonly reserved: readonly string[]
  readonly files: Files
  /** The room of each file that has one. */
  readonly rooms: ReadonlyMap<string, Room>
  readonly packages: ReadonlyMap<string, Package>
}

/** The word that allows an import (undefined inside one room, where none is needed), or what is wrong with it. */
type Verdict = { readonly word: string | undefined } | { readonly problem: string }

/**
 * Everything in which the files and the table disagree, one line each: a file without a room, an import that the row of
 * its room does not allow, a room without a file, and a word of the table that no import needs.
 */
export function checkArrows(table: Table, reserved: readonly string[], files: Files): string[] {
  const rows = rowsOf(table)
  const house: House = { rows, reserved, files, rooms: roomsOf(files, rows), packages: packagesOf(files) }
  const used = new Map<Row, Set<string>>(rows.map((row) => [row, new Set()]))
  const problems: string[] = []

  for (const [path, text] of files) {
    if (!isCode(path)) continue
    const room = house.rooms.get(path)
    if (room === undefined) {
      problems.push(
        `${path}: no room covers this file; add a row for its folder to ${TABLE_FILE}, and a word to the rows of those who import it`,
      )
      continue
    }
    for (const found of parsed(path, text, problems)) {
      const verdict = verdictOn(found, path, room, house)
      if ('problem' in verdict) problems.push(`${path}:${found.line}: ${verdict.problem}`)
      else if (verdict.word !== undefined) used.get(room.row)?.add(verdict.word)
    }
  }
  return [...problems, ...checkRows(house, used)]
}

function roomsOf(files: Files, rows: readonly Row[]): Map<string, Room> {
  const rooms = new Map<string, Room>()
  for (const path of files.keys()) {
    const room = roomOf(path, rows)
    if (room !== undefined) rooms.set(path, room)
  }
  return rooms
}

function parsed(path: string, text: string, problems: string[]): Import[] {
  try {
    return readImports(text)
  } catch (error) {
    problems.push(`${path}: cannot be parsed: ${error instanceof Error ? error.message : String(error)}`)
    return []
  }
}

function verdictOn({ specifier, names }: Import, path: string, room: Room, house: House): Verdict {
  if (specifier === undefined)
    return { problem: 'this import is computed, so it cannot be checked; write the path as one string' }
  const target = resolveSpecifier(specifier, path, house.files, house.packages)
  if (target.kind === 'problem') return { problem: `${specifier}: ${target.problem}` }

  const title = titleOfTarget(target, house)
  if (title === titleOf(room)) return { word: undefined }
  const word = room.row.words.find((each) => allows(each, room, target, names, house))
  if (word !== undefined) return { word }
  const taken =
    target.kind === 'module' && names.length > 0 && names !== 'all' ? `${names.join(', ')} of ` : ''
  const allowed = room.row.words.join(' ') || 'nothing'
  return {
    problem: `${titleOf(room)} may not import ${title} (${taken}${specifier}); it may import: ${allowed}`,
  }
}

type Resolved = Exclude<Target, { kind: 'problem' }>

function titleOfTarget(target: Resolved, house: House): string {
  if (target.kind === 'module') return target.module
  const room = house.rooms.get(target.path)
  return room === undefined ? 'a file without a room' : titleOf(room)
}

/** Whether a word in the row of `room` allows to import these names of the target. */
function allows(word: string, room: Room, target: Resolved, names: Import['names'], house: House): boolean {
  if (target.kind === 'module')
    return isModuleWord(word) && namesModule(word, target.module, names, house.reserved)
  const to = house.rooms.get(target.path)
  return to !== undefined && !isModuleWord(word) && namesRoom(word, room, to, house.packages)
}

/** The rows without a file, and the words without an import or a room. */
function checkRows(house: House, used: ReadonlyMap<Row, ReadonlySet<string>>): string[] {
  const rooms = [...new Map([...house.rooms.values()].map((room) => [titleOf(room), room])).values()]
  return house.rows.flatMap((row) => {
    const own = rooms.filter((room) => room.row === row)
    if (own.length === 0)
      return [`${TABLE_FILE}: ${row.group}: the room '${row.name}' holds no file; delete its row`]
    const isRoom = (word: string) =>
      own.some((from) => rooms.some((to) => namesRoom(word, from, to, house.packages)))
    return row.words
      .filter((word) => !used.get(row)?.has(word))
      .map(
        (word) =>
          `${TABLE_FILE}: ${row.group}: '${row.name}' allows '${word}', ${
            isModuleWord(word) || isRoom(word) ? 'which it never imports' : 'which is no room'
          }; delete the word`,
      )
  })
}
