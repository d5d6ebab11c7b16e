import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPersonalizationStore } from '../datastore/open.ts'
import type { PersonalizationStore } from '../datastore/port.ts'
import type { Interaction } from '../domain/interaction.ts'
import { runImport } from '../testing/run-import.ts'

const NOW = Date.parse('2026-06-01T12:00:00.000Z')
const clock = { now: () => NOW }

let folder: string
let store: PersonalizationStore
let out: string
let err: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-import-'))
  store = await openPersonalizationStore('sqlite::memory:')
  out = ''
  err = ''
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

function file(content: string | Uint8Array, name = 'input.txt'): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

type Options = {
  readonly format?: string | null
  readonly rejects?: string
  readonly type?: string
  readonly train?: boolean
  readonly more?: readonly string[]
}

async function interactionsOf(path: string, options: Options = {}): Promise<number> {
  const { format, rejects, type, train = false, more = [] } = options
  const args = ['interactions', path, ...more]
  if (format) args.push('--format', format)
  if (rejects !== undefined) args.push('--rejects', rejects)
  if (type !== undefined) args.push('--type', type)
  if (!train) args.push('--no-train')
  return run(args)
}

function itemsOf(path: string, ...more: readonly string[]): Promise<number> {
  return run(['items', path, ...more])
}

/** What the command says is in `out` and `err`, also where it fails. */
async function run(args: readonly string[]): Promise<number> {
  const said = {
    get out() {
      return out
    },
    set out(text) {
      out = text
    },
    get err() {
      return err
    },
    set err(text) {
      err = text
    },
  }
  return (await runImport(args, { store, clock, said })).code
}

async function stored(): Promise<readonly Interaction[]> {
  return store.scanInteractions({ after: null, limit: 10_000 })
}

async function pairs(): Promise<readonly string[]> {
  return (await stored()).map(({ userId, itemId }) => `${userId} ${itemId}`)
}

describe('importing interactions', () => {
  test('reads one rating a line, with and without its time', async () => {
    expect(await interactionsOf(file('u1\ta\t5\t881250949\r\nu2\tb\t3\t891717742\r\n'))).toBe(0)
    expect(await stored()).toMatchObject([
      { userId: 'u1', itemId: 'a', type: 'PLAY', value: 5, occurredAt: 881_250_949_000, slateId: null },
      { userId: 'u2', itemId: 'b', value: 3, occurredAt: 891_717_742_000 },
    ])
    expect(err).toContain('Read as one rating a line')
    expect(err).toContain('--format lists if that is wrong')
    expect(await interactionsOf(file('u3 c\n'))).toBe(0)
    expect((await stored()).at(-1)).toMatchObject({ userId: 'u3', value: null, occurredAt: 0 })
  })

  test('reads one user a line, and a user alone had nothing', async () => {
    expect(await interactionsOf(file('u1 a b c d e\nu2 a\nu3\nu4 b c d e f g\n'))).toBe(0)
    expect(await pairs()).toHaveLength(12)
    expect(err).toContain('Read as one user a line')
  })

  test('reads CSV with every column, quoted fields and columns in any order and spelling', async () => {
    const header = 'occurred_at,Item ID,user_id,TYPE,value,slateId,eventId,device'
    const rows = [
      '2026-01-31T12:00:00+01:00,"a,1",u1,like,2.5,slate-1,event-0001,tv',
      '2026-02-01,"say ""hi""",u2,,,,,',
      '"1769860800", "two\nlines" ,u3,SKIP,,,,',
    ]
    expect(await interactionsOf(file(`\ufeff${[header, ...rows].join('\n')}\n`))).toBe(0)
    expect(await stored()).toMatchObject([
      {
        eventId: 'event-0001',
        userId: 'u1',
        itemId: 'a,1',
        type: 'LIKE',
        value: 2.5,
        slateId: 'slate-1',
        occurredAt: Date.parse('2026-01-31T11:00:00Z'),
      },
      { userId: 'u2', itemId: 'say "hi"', type: 'PLAY', occurredAt: Date.parse('2026-02-01T00:00:00Z') },
      { userId: 'u3', itemId: 'two\nlines', type: 'SKIP', occurredAt: 1_769_860_800_000 },
    ])
    expect(err).toContain('These columns are ignored: "device"\n')
  })

  test.each([';', '\t', '|'])('finds out that CSV is separated by %j', async (delimiter) => {
    const rows = [
      ['userId', 'itemId', 'value'],
      ['u1', 'a', ''],
      ['u2', 'b', '4'],
    ]
    expect(await interactionsOf(file(rows.map((row) => row.join(delimiter)).join('\n')))).toBe(0)
    expect(await stored()).toMatchObject([
      { itemId: 'a', value: null },
      { itemId: 'b', value: 4 },
    ])
  })

  test('reads rating and timestamp, and names what it ignores before anything is stored', async () => {
    const rows = ['u1,a,4,1700000000,,x', 'u2,b,2.5,1700000000123,,y']
    const path = file(['userId,itemId,rating,timestamp,,device', ...rows].join('\n'))
    const said: string[] = []
    const { importInteractions: write } = store
    store = {
      ...store,
      importInteractions(interactions) {
        said.push(err)
        return write(interactions)
      },
    }
    expect(await interactionsOf(path)).toBe(0)
    expect(await stored()).toMatchObject([
      { userId: 'u1', value: 4, occurredAt: 1_700_000_000_000 },
      { userId: 'u2', value: 2.5, occurredAt: 1_700_000_000_123 },
    ])
    const warning = 'These columns are ignored: column 5 (no name), "device"\n'
    expect(said).toEqual([expect.stringContaining(warning)])
    expect(err.split('ignored')).toHaveLength(2)
  })

  test.each([
    ['CSV', 'userId,itemId,occurredAt\nu1,a,2026-01-31\nu2,b,\nu3,c,\n', '2 interactions'],
    ['CSV without times', 'userId,itemId\nu1,a\n', '1 interaction'],
    ['ratings', 'u1 a 5 881250949\nu2 b 4 881250950\n', null],
    ['ratings without times', 'u1 a 5\nu2 b 4\n', '2 interactions'],
    ['lists', 'u1 a b c d\nu2 e\n', '5 interactions'],
    ['a long list', `u1 ${Array.from({ length: 1_200 }, (_, n) => `i${n}`).join(' ')}`, '1,200 interactions'],
  ])('says how many rows of %s have no time', async (_, content, undated) => {
    expect(await interactionsOf(file(content))).toBe(0)
    const said = `Without a time: ${undated}, taken as of 1970-01-01, before everything that has one\n`
    if (undated === null) expect(out).not.toContain('Without a time')
    else expect(out).toContain(said)
  })

  test('is safe to run twice: what is known already is not counted again', async () => {
    const path = file('u1 a 5\nu1 b 4\nu1 a 3\n')
    expect(await interactionsOf(path)).toBe(0)
    expect(out).toContain('3 read, 2 new, 1 already known')
    out = ''
    expect(await interactionsOf(path)).toBe(0)
    expect(out).toContain('3 read, 0 new, 3 already known, none rejected; 0 placeholder items made')
    expect(await pairs()).toHaveLength(2)
  })

  test('makes placeholders for items that the catalogue lacks, and leaves those that it has alone', async () => {
    expect(await itemsOf(file('id,title\na,A real title\n', 'items.csv'))).toBe(0)
    expect(await interactionsOf(file('u1 a\nu1 b\n'))).toBe(0)
    expect(out).toContain('1 placeholder item made')
    const items = await store.itemsByIds(['a', 'b'])
    expect(items.find(({ id }) => id === 'a')?.title).toBe('A real title')
    expect(items.find(({ id }) => id === 'b')).toMatchObject({ title: 'b', available: true, creator: null })
  })

  test('says number and reason of each bad line, keeps them in a file, and imports the others', async () => {
    const long = 'x'.repeat(257)
    const path = file(`u1 a 5\nu2\nu3 b five\nu4 c 1 soon\nu5 d 1 2 3\n${long} e 1\nu6 f 2\n`)
    expect(await interactionsOf(path, { format: 'ratings' })).toBe(0)
    expect(await pairs()).toEqual(['u1 a', 'u6 f'])
    expect(out).toContain(`5 rejected (see ${path}.rejects.txt)`)
    expect(err).toContain('line 3 has a value that is no number: "five"')
    const rejects = readFileSync(`${path}.rejects.txt`, 'utf8')
      .trimEnd()
      .split('\n')
      .map((row) => row.split('\t'))
    expect(rejects[0]).toEqual(['line', 'reason', 'text'])
    expect(rejects.slice(1).map(([line]) => line)).toEqual(['2', '3', '4', '5', '6'])
    expect(rejects[4]?.[2]).toBe('u5 d 1 2 3')
  })

  test('shows twenty bad lines, and all of them go to the file that --rejects names', async () => {
    const bad = Array.from({ length: 50 }, (_, n) => `u${n} i${n} bad`).join('\n')
    const rejects = join(folder, 'bad lines.txt')
    expect(await interactionsOf(file(`u i 1\n${bad}\n`), { format: 'ratings', rejects })).toBe(0)
    expect(err.split('\n').filter((line) => line.startsWith('line '))).toHaveLength(20)
    expect(err).toContain('further bad lines go to')
    expect(readFileSync(rejects, 'utf8').trimEnd().split('\n')).toHaveLength(51)
  })

  test('leaves no rejects file behind where nothing was rejected, and never writes over its input', async () => {
    const path = file('u1 a\n')
    expect(await interactionsOf(path)).toBe(0)
    expect(existsSync(`${path}.rejects.txt`)).toBe(false)
    await expect(interactionsOf(path, { rejects: path })).rejects.toThrow('choose another')
    expect(readFileSync(path, 'utf8')).toBe('u1 a\n')
  })

  test('one lost quote costs its own line, not the rest of the file', async () => {
    const rows = Array.from({ length: 2_500 }, (_, n) => (n === 7 ? `u${n},"i${n}` : `u${n},i${n}`))
    expect(await interactionsOf(file(`userId,itemId\n${rows.join('\n')}\n`))).toBe(0)
    expect(await pairs()).toHaveLength(2_499)
    expect(err).toContain('line 9 opens a quote that is not closed')
  })

  test('a stray quote and a wrong number of columns cost their own lines', async () => {
    const rows = ['u1,a', 'u2,5" vinyl', 'u3,c', 'u4,7" single', 'u5,e,more', 'u6', 'u7,g']
    expect(await interactionsOf(file(`userId,itemId\n${rows.join('\n')}\n`))).toBe(0)
    expect(await pairs()).toEqual(['u1 a', 'u3 c', 'u7 g'])
    expect(out).toContain('4 rejected')
    expect(err).toContain('line 6 has 3 columns where the header has 2')
  })

  test('refuses interactions of the future, of unknown types and with unreadable times', async () => {
    const rows = [
      'u1,a,PLAY,2026-06-01T12:01:00Z',
      'u2,b,PLAY,2026-06-01T12:02:00Z',
      'u3,c,HUM,',
      'u4,d,,yesterday',
    ]
    expect(await interactionsOf(file(`userId,itemId,type,occurredAt\n${rows.join('\n')}\n`))).toBe(0)
    expect(await pairs()).toEqual(['u1 a'])
    expect(err).toContain('line 3 lies in the future')
    expect(err).toContain('line 4 has "HUM" as type')
    expect(err).toContain('line 5 has "yesterday" as occurredAt')
  })

  test('a line without end and one that is no text cost no more than themselves', async () => {
    const endless = Buffer.alloc(3 * 1024 * 1024, 'x')
    const parts = [
      Buffer.from('u1 a 1\n'),
      endless,
      Buffer.from('\nu2 b 2\n'),
      Buffer.from([0xff, 0xfe, 0x0a]),
    ]
    expect(await interactionsOf(file(Buffer.concat([...parts, Buffer.from('u3 c 3')])))).toBe(0)
    expect(await pairs()).toEqual(['u1 a', 'u2 b', 'u3 c'])
    expect(err).toContain('line 2 is longer than')
    expect(err).toContain('line 4 is not UTF-8 text')
  })

  test('some bad lines at the top do not make ratings look like lists', async () => {
    const rows = Array.from({ length: 30 }, (_, n) => `u${n} i${n} 4`)
    expect(await interactionsOf(file(['# a line that is no rating at all', ...rows].join('\n')))).toBe(0)
    expect(err).toContain('Read as one rating a line')
    expect(await pairs()).toHaveLength(30)
  })

  test('never takes lists of two items each for ratings: it asks which of the two they are', async () => {
    const path = file('1 101 102\n2 103 7\n3 101 104\n')
    await expect(interactionsOf(path)).rejects.toThrow(/--format ratings.*--format lists/)
    expect(await stored()).toEqual([])
    expect(await interactionsOf(path, { format: 'lists' })).toBe(0)
    expect(await pairs()).toHaveLength(6)
  })

  test('a rating above ten is one where its time follows, or where --format says so', async () => {
    expect(await interactionsOf(file('u1 a 85 881250949\nu2 b 60 891717742\n'))).toBe(0)
    expect(await interactionsOf(file('u3 a 85\nu4 b 60\n'), { format: 'ratings' })).toBe(0)
    expect((await stored()).map(({ value }) => value)).toEqual([85, 60, 85, 60])
  })

  test.each(['csv', 'ratings', 'lists', null] as const)(
    'a file whose lines end in carriage returns alone is refused, with --format %s',
    async (format) => {
      for (const content of ['userId,itemId\ru1,a\ru2,b\r', 'u1 a 5\ru2 b 4', '\ufeffu1 a\rb\nu2 a b\n']) {
        await expect(interactionsOf(file(content), { format })).rejects.toThrow(
          /first line holds a carriage return .* `tr '\\r' '\\n' < FILE > NEW`/,
        )
      }
      expect(await stored()).toEqual([])
    },
  )

  test.each([
    ['ratings', 'u1 a 5\nu2 b\r4\nu3 c 3\r\r\n', ['u1 a', 'u3 c']],
    ['lists', 'u1 a b c\nu2 a\ru3 b\nu4 d e\r', ['u1 a', 'u1 b', 'u1 c', 'u4 d', 'u4 e']],
    ['csv', 'userId,itemId\r\nu1,a\nu2,b\ru3,c\nu4,"d\re"\n', ['u1 a', 'u4 d\re']],
  ] as const)('of %s a line with a carriage return inside is rejected', async (format, content, expected) => {
    expect(await interactionsOf(file(content), { format })).toBe(0)
    expect(await pairs()).toEqual(expected)
    expect(err).toMatch(/line [23] has a carriage return in the middle: end every line with a line feed/)
    expect(out).toContain('1 rejected')
  })

  test('reads JSON lines, names what it ignores, and refuses ids that JSON has rounded', async () => {
    const rows = [
      { userId: 'u1', itemId: 7, rating: 4.5, timestamp: 1_700_000_000, device: { os: 'x' } },
      { itemId: 'b', userId: 'u2', type: 'like', occurredAt: '2026-01-31' },
      { userId: 'u3', itemId: ['c'] },
      { userId: 'u4' },
      ['u5', 'e'],
    ].map((row) => JSON.stringify(row))
    const path = file([...rows, '{"userId":"u6","itemId":12345678901234567890}', '{"userId":'].join('\n'))
    expect(await interactionsOf(path)).toBe(0)
    expect(await stored()).toMatchObject([
      { userId: 'u1', itemId: '7', value: 4.5, occurredAt: 1_700_000_000_000 },
      { userId: 'u2', itemId: 'b', type: 'LIKE', occurredAt: Date.UTC(2026, 0, 31) },
    ])
    expect(err).toContain('These columns are ignored: "device"\n')
    expect(err).toContain('line 3 has a list or an object as itemId')
    expect(err).toContain('line 4 has no column itemId (it has userId)')
    expect(err).toContain('line 5 is no JSON object: write one object a line')
    expect(err).toContain('line 6 has a itemId of more digits than a JSON number keeps')
    expect(err).toContain('line 7 is no JSON object')
  })

  test('says which column of --map the first JSON lines lack, since a later one may have it', async () => {
    const path = file('{"userId":"u1","itemId":"a"}\n{"userId":"u2","movie":"b"}\n')
    expect(await interactionsOf(path, { more: ['--map', 'movie=itemId', '--map', 'stars=rating'] })).toBe(0)
    expect(await pairs()).toEqual(['u1 a', 'u2 b'])
    expect(err).toContain('The first 2 lines have no stars, which --map names\n')
  })

  test('a column that --map names wins over one with the name of the field', async () => {
    const path = file('userId,itemId,sku,stars\nu1,a,s1,4\n')
    expect(await interactionsOf(path, { more: ['--map', 'sku=itemId', '--map', 'STARS=rating'] })).toBe(0)
    expect(await stored()).toMatchObject([{ itemId: 's1', value: 4 }])
    expect(err).toContain('These columns are ignored: "itemId"\n')
  })

  test.each([
    [['--map', 'sku=itemId'], 'userId,itemId\nu,i\n', 'its header has no column sku, which --map names'],
    [
      ['--map', 'a=itemId', '--map', 'b=itemId'],
      'userId,a,b\nu,1,2\n',
      'has two columns that --map makes itemId',
    ],
    [['--header', 'userId,itemId,rating'], 'user_id,book_id,rating\nu,b,3\n', 'its first line is a header'],
    [['--header', 'userId,itemId'], '{"userId":"u"}\n', '--header is for columns without names'],
    [['--format', 'lists', '--map', 'a=userId'], 'u a b\n', '--header and --map are for columns'],
    [
      [],
      'user,movie\nu,a\n',
      'say with --map COLUMN=FIELD which columns they are, or, where the first line is',
    ],
  ])('with %j a file that does not fit is refused', async (more, content, message) => {
    await expect(interactionsOf(file(content), { more })).rejects.toThrow(message)
    expect(await stored()).toEqual([])
  })

  test('reads gzip, whatever the file is called, in several members too', async () => {
    const members = [gzipSync('userId,itemId\nu1,a\n'), gzipSync('u2,b\n')]
    expect(await interactionsOf(file(Buffer.concat(members), 'plays.csv'))).toBe(0)
    expect(await pairs()).toEqual(['u1 a', 'u2 b'])
  })

  test('gzip that is cut off is an error that says so, after what came before is imported', async () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => `u${n} i${(n * 7_919) % 10_007} 4`)
    const whole = gzipSync(rows.join('\n'))
    const path = file(whole.subarray(0, whole.length - 10_000))
    await expect(interactionsOf(path)).rejects.toThrow(/cannot import .*its gzip data is damaged or cut off/)
    const before = (await store.scanInteractions({ after: null, limit: 20_000 })).length
    expect(before).toBeGreaterThan(1_000)
    expect(await interactionsOf(file(whole, 'whole.gz'))).toBe(0)
    expect(out).toContain(`20,000 read, ${(20_000 - before).toLocaleString('en-US')} new`)
  })

  test.each([
    ['a zip archive', Buffer.from('PK\u0003\u0004…'), /it is a zip archive: unpack it/],
    ['UTF-16', Buffer.from('\ufeffuserId,itemId\n', 'utf16le'), /it is UTF-16LE text: convert it.*iconv/],
    ['gzip of old line ends', gzipSync('userId,itemId\ru1,a\r'), /carriage return without a line feed/],
  ])('%s is refused with what to do', async (_, content, message) => {
    await expect(interactionsOf(file(content))).rejects.toThrow(message)
    expect(await stored()).toEqual([])
  })

  test('leaves out and counts what is rated lower than wanted, and keeps what is not rated', async () => {
    const path = file('userId,itemId,rating\nu1,a,4\nu1,b,3.9\nu2,c,\nu2,d,bad\n')
    expect(await interactionsOf(path, { more: ['--min-value', '4'] })).toBe(0)
    expect(await pairs()).toEqual(['u1 a', 'u2 c'])
    expect(out).toContain('2 read, 2 new, 0 already known, 1 rejected')
    expect(out).toContain('Left out: 1 interaction with a value below 4\n')
  })

  test('nothing but ratings that are too low is no error, and trains nothing', async () => {
    expect(await interactionsOf(file('u1 a 1\nu1 b 2\n'), { train: true, more: ['--min-value', '3'] })).toBe(
      0,
    )
    expect(out).toContain('0 read')
    expect(await store.countModelVersions({})).toBe(0)
  })

  test('--json prints one line of JSON, and everything else goes to standard error', async () => {
    const path = file('u1 a 5\nu1 b 4\nu2 a 1\nu2 b 3\nu3 c 1 2 3\n', 'plays.txt')
    const more = ['--json', '--min-value', '2', '--format', 'ratings']
    expect(await interactionsOf(path, { train: true, more })).toBe(0)
    expect(JSON.parse(out)).toEqual({
      interactions: {
        ...{ read: 3, new: 3, known: 0, leftOut: 1, rejected: 1, undated: 3, seconds: 0 },
        rejectsFile: `${path}.rejects.txt`,
      },
      placeholderItems: 2,
      model: expect.objectContaining({ id: 'ease-v1' }),
    })
    out = ''
    expect(await itemsOf(file('id,title\na,A\n'), '--json')).toBe(0)
    expect(JSON.parse(out)).toEqual({
      items: { ...{ read: 1, new: 0, known: 1, leftOut: 0, rejected: 0, seconds: 0 }, rejectsFile: null },
    })
  })

  test('one line that ends in a carriage return is a line', async () => {
    expect(await interactionsOf(file('u1 a\r'))).toBe(0)
    expect(await pairs()).toEqual(['u1 a'])
  })

  test.each([
    ['an absent file', () => join(folder, 'absent'), /cannot read .*absent: ENOENT/],
    ['a folder', () => folder, /it is a folder/],
    ['an empty file', () => file(''), /it is empty/],
    ['a file of empty lines', () => file('\n\n'), /it is empty/],
    ['a file of bad lines only', () => file('userId,itemId\nu1\nu2\n'), /every line of it is bad/],
    ['CSV without a header', () => file('u1,a,5\nu2,b,4\n'), /no column userId and no itemId/],
    ['CSV with foreign names', () => file('user,movie\nu1,a\n'), /it has user, movie/],
    ['CSV with a column twice', () => file('userId,itemId,user_id\nu,i,v\n'), /the column userId twice/],
    ['CSV with a header only', () => file('userId,itemId\n'), /it holds no rows/],
  ])('%s is refused with one line that says why', async (_, path, message) => {
    await expect(interactionsOf(path())).rejects.toThrow(message)
    expect(await stored()).toEqual([])
  })

  test('trains a model at the end, unless it is told not to or there is nothing to learn from', async () => {
    const path = file('u1 a\nu1 b\nu2 a\nu2 b\n')
    expect(await interactionsOf(path, { train: false })).toBe(0)
    expect(await store.countModelVersions({})).toBe(0)
    expect(await interactionsOf(path, { train: true })).toBe(0)
    expect(out).toContain('Model ease-v1 (EASE) is trained on 4 interactions of 2 users with 2 items')
    expect(await interactionsOf(path, { train: true })).toBe(0)
    expect(out).toContain('Model ease-v1 is up to date')
  })

  test('what no model can learn from is imported all the same', async () => {
    expect(await interactionsOf(file('u1 a\n'), { type: 'SKIP', train: true })).toBe(0)
    expect(out).toContain('No model was trained: no interaction of type CLICK, PLAY, LIKE is stored')
  })
})

describe('importing items', () => {
  test('reads every column, and keeps the others as attributes', async () => {
    const rows = [
      'id,title,creator,categories,available,available_from,availableUntil,Markets,createdAt,label,Catalogue No',
      'a,"Title, the first",Someone,Folk| Jazz |Folk,no,2026-01-01,2026-02-01T00:00:00Z,nl| SE |NL,1999-12-31,Own,7',
      'b,,,,,,,,,,',
    ]
    expect(await itemsOf(file(rows.join('\n')))).toBe(0)
    expect(await store.itemsByIds(['a'])).toEqual([
      {
        id: 'a',
        title: 'Title, the first',
        creator: 'Someone',
        categories: ['Folk', 'Jazz'],
        available: false,
        availableFrom: Date.parse('2026-01-01'),
        availableUntil: Date.parse('2026-02-01'),
        markets: ['NL', 'SE'],
        createdAt: Date.parse('1999-12-31'),
        attributes: { label: 'Own', 'Catalogue No': '7' },
      },
    ])
    expect(await store.itemsByIds(['b'])).toMatchObject([
      {
        title: 'b',
        creator: null,
        categories: [],
        available: true,
        availableFrom: null,
        availableUntil: null,
        markets: [],
        createdAt: 0,
        attributes: null,
      },
    ])
    expect(out).toContain('Items: 2 rows read, 2 new, 0 updated, none rejected')
    expect(err).not.toContain('ignored')
  })

  test('replaces what it knows: a second import changes nothing, a placeholder becomes an item', async () => {
    expect(await interactionsOf(file('u1 a\n'))).toBe(0)
    const path = file('itemId,title\na,Known now\nb,Other\n', 'items.csv')
    expect(await itemsOf(path)).toBe(0)
    expect(out).toContain('2 rows read, 1 new, 1 updated')
    const first = await store.itemsByIds(['a', 'b'])
    expect(await itemsOf(path)).toBe(0)
    expect(await store.itemsByIds(['a', 'b'])).toEqual(first)
    expect(first.map(({ title }) => title).toSorted()).toEqual(['Known now', 'Other'])
  })

  test('of several rows with one id the last counts', async () => {
    expect(await itemsOf(file('id,title\na,One\na,Two\n'))).toBe(0)
    expect(await store.itemsByIds(['a'])).toMatchObject([{ title: 'Two' }])
    expect(out).toContain('2 rows read, 1 new, 1 updated')
  })

  test('a column that is called like a part of every object is an attribute like any other', async () => {
    expect(await itemsOf(file('id,__proto__,constructor\na,x,y\n'))).toBe(0)
    const [item] = await store.itemsByIds(['a'])
    expect(Object.entries(item?.attributes ?? {})).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
  })

  test('refuses a catalogue whose lines end in carriage returns alone, and rows with one inside', async () => {
    await expect(itemsOf(file('id,title\ra,One\rb,Two\r'))).rejects.toThrow(
      /first line holds a carriage return/,
    )
    expect(await itemsOf(file('id,title\na,One\rb,Two\nc,"Three\rlines"\n'))).toBe(0)
    expect(err).toContain('line 2 has a carriage return in the middle')
    expect(await store.itemsByIds(['a', 'b', 'c'])).toMatchObject([{ id: 'c', title: 'Three\rlines' }])
  })

  test('refuses a catalogue without ids, and rows without one', async () => {
    await expect(itemsOf(file('name,title\na,b\n'))).rejects.toThrow(/no column id \(it has name, title\)/)
    expect(await itemsOf(file('id,available\na,maybe\n,true\nb,yes\n'))).toBe(0)
    expect(err).toContain('line 2 has "maybe" as available')
    expect(err).toContain('line 3 has no id')
  })

  test('refuses time windows that are none', async () => {
    const rows = ['a,soon,', 'b,,never', 'c,2026-02-01,2026-02-01', 'd,2026-02-01,2026-02-02']
    expect(await itemsOf(file(`id,availableFrom,availableUntil\n${rows.join('\n')}\n`))).toBe(0)
    expect(err).toContain('line 2 has "soon" as availableFrom')
    expect(err).toContain('line 3 has "never" as availableUntil')
    expect(err).toContain('line 4 has an availableUntil that is not after its availableFrom')
    expect(await store.countItems({})).toBe(1)
  })

  test('streams more rows than one call of the store takes', async () => {
    const rows = Array.from({ length: 3_210 }, (_, n) => `i${n},Title ${n}`)
    expect(await itemsOf(file(`id,title\n${rows.join('\n')}`))).toBe(0)
    expect(await store.countItems({})).toBe(3_210)
  })
})
