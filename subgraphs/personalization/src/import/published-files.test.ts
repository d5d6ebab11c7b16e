import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import { runImport } from '../testing/run-import.ts'

const DOCUMENT = new URL('../../../../docs/importing.md', import.meta.url)
const COMMAND = 'npm run personalization -- import '

/** Every command of the document on a data set, as a shell would take it apart. */
const COMMANDS = readFileSync(DOCUMENT, 'utf8')
  .split('## Published data sets')[1]!
  .split('\n')
  .filter((line) => line.startsWith(COMMAND))
  .map((line) =>
    line
      .slice(COMMAND.length)
      .split(' ')
      .map((word) => word.replace(/^'(.*)'$/, '$1')),
  )

/** Invented rows in the form of the published files. */
const FILES: Readonly<Record<string, { readonly text: string; readonly expected: object }>> = {
  'movies.dat': {
    text: '1::The Long Walk (1999)::Drama|War\n2::"Great" Évenings: Part 2 (2000)::Comedy\n',
    expected: { id: '2', title: '"Great" Évenings: Part 2 (2000)', categories: ['Comedy'], attributes: null },
  },
  'ratings.dat': {
    text: '1::1193::5::978300760\n1::661::3::978302109\n2::1193::4::978301968\n',
    expected: { userId: '1', itemId: '1193', value: 5, occurredAt: 978_300_760_000 },
  },
  'movies.csv': {
    text: 'movieId,title,genres\n1,"Walk, The (1999)",Drama|War\n2,"""Great"" Evenings",Comedy\n',
    expected: { id: '1', title: 'Walk, The (1999)', categories: ['Drama', 'War'] },
  },
  'ratings.csv': {
    text: 'userId,movieId,rating,timestamp\n1,1,4.0,964982703\n1,3,3.5,964981247\n2,1,4.5,964982224\n',
    expected: { userId: '1', itemId: '1', value: 4, occurredAt: 964_982_703_000 },
  },
  'u.item': {
    text: `1|Café, "the" (1995)|01-Jan-1995||http://x/?a|${'0|'.repeat(18)}1\n2|b (1995)|01-Jan-1995|||${'0|'.repeat(18)}0\n`,
    expected: { id: '1', title: 'Café, "the" (1995)' },
  },
  'u.data': {
    text: '196\t242\t3\t881250949\n186\t302\t3\t891717742\n',
    expected: { userId: '196', itemId: '242', value: 3, occurredAt: 881_250_949_000 },
  },
  'usersha1-artmbid-artname-plays.tsv': {
    text: '00000c28\t3bd73256\tthe brick walls\t2137\n00000c28\t\t"odd" al\t1099\n00001411\t\tthe brick walls\t897\n',
    expected: { userId: '00000c28', itemId: '"odd" al', value: 1_099, occurredAt: 0 },
  },
  'artists.dat': {
    text: 'id\tname\turl\tpictureURL\n1\tTHE "X\thttp://x\thttp://y\n2\tb\thttp://x\t\n',
    expected: { id: '1', title: 'THE "X' },
  },
  'user_artists.dat': {
    text: 'userID\tartistID\tweight\n2\t51\t13883\n2\t52\t11690\n',
    expected: { userId: '2', itemId: '51', value: 13_883 },
  },
  'books.csv': {
    text: 'book_id,goodreads_book_id,authors,original_title,title\n1,2767052,"A. B., C. D.",Old,"New, 1"\n',
    expected: {
      id: '1',
      title: 'New, 1',
      creator: 'A. B., C. D.',
      attributes: { goodreads_book_id: '2767052', original_title: 'Old' },
    },
  },
  'goodbooks/ratings.csv': {
    text: 'user_id,book_id,rating\n1,258,5\n2,4081,4\n',
    expected: { userId: '1', itemId: '258', value: 5 },
  },
  'ratings_Books.csv': {
    text: 'AH2L9G3DQHHAJ,0000000116,4.0,1019865600\nA2IIIDRK3PRRZY,0000000116,1.0,1395619200\n',
    expected: { userId: 'A2IIIDRK3PRRZY', itemId: '0000000116', value: 1, occurredAt: 1_395_619_200_000 },
  },
  'Books.csv.gz': {
    text: 'user_id,parent_asin,rating,timestamp\nAFKZ,B01,1.0,1454676557000\n',
    expected: { userId: 'AFKZ', itemId: 'B01', value: 1, occurredAt: 1_454_676_557_000 },
  },
  'meta_Books.json.gz': {
    text: '{"asin":"01","title":"T","brand":"B","category":["X","Y"],"rank":{"Books":3}}\n{"asin":"02","title":"U"}\n',
    expected: {
      id: '01',
      creator: 'B',
      categories: ['X', 'Y'],
      attributes: { rank: { Books: 3 } },
    },
  },
  'Books_5.json.gz': {
    text: '{"overall":5.0,"reviewerID":"A1","asin":"01","unixReviewTime":1252800000,"style":{"x":"y"}}\n',
    expected: { userId: 'A1', itemId: '01', value: 5, occurredAt: 1_252_800_000_000 },
  },
  'BX-Book-Ratings.csv': {
    text: '"User-ID";"ISBN";"Book-Rating"\n"276725";"034545104X";"0"\n"276726";"0155061224é";"5"\n',
    expected: { userId: '276726', itemId: '0155061224é', value: 5 },
  },
  'loc-gowalla_totalCheckins.txt.gz': {
    text: '0\t2010-10-19T23:55:27Z\t30.23\t-97.79\t22847\n0\t2010-10-18T22:17:43Z\t30.26\t-97.76\t420315\n',
    expected: { userId: '0', itemId: '22847', occurredAt: Date.parse('2010-10-19T23:55:27Z') },
  },
  'ml-100k.inter': {
    text: 'user_id:token\titem_id:token\trating:float\ttimestamp:float\n196\t242\t3\t881250949\n',
    expected: { userId: '196', itemId: '242', value: 3, occurredAt: 881_250_949_000 },
  },
  'train.txt': { text: '0 1 2 3\n1 2 4\n', expected: { userId: '1', itemId: '4' } },
}

let folder: string
let store: PersonalizationStore

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-published-'))
  store = await openPersonalizationStore('sqlite::memory:')
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

describe('the commands of docs/importing.md', () => {
  test('are those of the files here', () => {
    expect(COMMANDS.map(([, file]) => file).toSorted()).toEqual(Object.keys(FILES).toSorted())
  })

  test.each(COMMANDS.map((args) => [args[1]!, args] as const))('read %s', async (name, args) => {
    const { text, expected } = FILES[name]!
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    const bytes = Buffer.from(text, args.includes('latin1') ? 'latin1' : 'utf8')
    writeFileSync(path, name.endsWith('.gz') ? gzipSync(bytes) : bytes)
    const clock = { now: () => Date.UTC(2026, 0, 1) }
    const { code, out } = await runImport([args[0]!, path, ...args.slice(2)], { store, clock })
    expect(code).toBe(0)
    expect(out).toContain('none rejected')
    const rows =
      args[0] === 'items'
        ? (await store.findItems({ filter: {}, limit: 100, after: null })).items
        : await store.scanInteractions({ after: null, limit: 100 })
    expect(rows).toContainEqual(expect.objectContaining(expected))
  })
})
