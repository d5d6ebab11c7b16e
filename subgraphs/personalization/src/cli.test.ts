import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPersonalizationStore } from './datastore/open.ts'

const CLI = fileURLToPath(new URL('cli.ts', import.meta.url))

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-cli-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

async function cli(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, DATA_DIR: join(folder, 'data'), ...env },
  })
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await exited, out, err }
}

function plays(): string {
  const path = join(folder, 'plays.txt')
  writeFileSync(path, 'u1 a\nu1 b\nu2 a\nu2 b\n')
  return path
}

/** Four users with two items each, one a day. Ids beyond the basic plane sort otherwise by code unit than by code point. */
function datedPlays(): string {
  const path = join(folder, 'plays.csv')
  const items = ['i0', '\u{1f3b5}', '\ufb01']
  const rows = Array.from({ length: 8 }, (_, n) => `u${n % 4},${items[n % 3]},2026-01-0${n + 1}`)
  writeFileSync(path, ['userId,itemId,occurredAt', ...rows, ''].join('\n'))
  return path
}

describe('personalization command line', () => {
  test('without arguments it says what there is, and makes no datastore', async () => {
    const { code, out, err } = await cli([])
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain('import interactions ratings.tsv')
    expect(existsSync(join(folder, 'data'))).toBe(false)
  })

  test('imports, trains, and resets', async () => {
    const imported = await cli(['import', 'interactions', plays()])
    expect(imported.code).toBe(0)
    expect(imported.out).toMatch(
      /^Interactions: 4 read, 4 new, 0 already known, none rejected; 2 placeholder items made\n/,
    )
    expect(imported.out).toContain('Model ease-v1 (EASE) is trained')
    expect((await cli(['train'])).out).toContain('is up to date')
    const erased = await cli(['erase', 'u1', '--yes', '--json'])
    expect(JSON.parse(erased.out)).toMatchObject({ interactions: 2, slates: 0 })
    expect((await cli(['dead-letters', 'list'])).out).toBe('No dead letters.\n')
    const reset = await cli(['reset', '--yes'])
    expect([reset.code, reset.err]).toEqual([0, ''])
    expect(readdirSync(join(folder, 'data'))).toEqual([])
    expect((await cli(['reset', '--yes'])).out).toContain('there was no')
  })

  test('evaluates, compares, lists models and recommends', async () => {
    await cli(['import', 'interactions', datedPlays()])
    const report = join(folder, 'report.json')
    const evaluated = await cli(['evaluate', '--split', 'leave-one-out', '--report', report, '--json'])
    expect([evaluated.code, readFileSync(report, 'utf8')]).toEqual([0, evaluated.out])
    const compared = await cli(['compare', 'popular', 'item-knn', '--cutoff', '2026-01-06T00:00:00Z'])
    expect(compared.out).toMatch(/^hit-rate@10 /m)
    expect((await cli(['models', 'list'])).out).toMatch(/^ease-v1 +REGISTERED/m)
    const recommended = await cli(['recommend', 'u0', '--size', '1'])
    expect(recommended).toMatchObject({ code: 0, err: '' })
    expect(recommended.out).toMatch(/^For u0 on home: rung POPULAR/)
    const refused = await cli(['evaluate', '--model', 'ease-v1'])
    expect([refused.code, refused.out]).toEqual([1, ''])
    expect(refused.err).toMatch(/^personalization: the test part is empty.*\n$/)
  })

  test.each([
    ['an unknown command', ['learn'], {}, /^unknown command 'learn'/],
    ['a reset without --yes', ['reset'], {}, /add --yes/],
    ['a file that is not there', ['import', 'items', 'absent.csv'], {}, /cannot read .*absent\.csv/],
    ['training on nothing', ['train'], {}, /nothing to learn from/],
    ['an unreadable setting', ['train'], { LOG_LEVEL: 'loud' }, /LOG_LEVEL/],
    [
      'a reset of a MongoDB that is away',
      ['reset', '--yes'],
      { DATASTORE_URL: 'mongodb://someone:secret@127.0.0.1:1/x' },
      /mongodb:\/\/\*\*\*@127\.0\.0\.1:1\/x cannot be deleted/,
    ],
    ['a datastore of no kind', ['train'], { DATASTORE_URL: 'redis://x' }, /of no known kind/],
  ])('%s is one clear line and exit code 1', async (_, args, env, message) => {
    const { code, out, err } = await cli(args, env)
    expect([code, out]).toEqual([1, ''])
    expect(err).toMatch(message)
    expect(err.trimEnd().split('\n')).toHaveLength(1)
  })

  test('reset refuses while someone has the datastore open', async () => {
    const path = join(folder, 'data', 'personalization.db')
    const store = await openPersonalizationStore(`sqlite:${path}`)
    try {
      const { code, err } = await cli(['reset', '--yes'])
      expect([code, err]).toEqual([1, `${path} is in use: stop the service first\n`])
      await store.ping()
    } finally {
      await store.close()
    }
  })

  test('reset deletes a file that is no database as well', async () => {
    const path = join(folder, 'broken.db')
    writeFileSync(path, 'not a database, but long enough to look at'.repeat(100))
    expect((await cli(['reset', '--yes'], { DATASTORE_URL: `sqlite:${path}` })).code).toBe(0)
    expect(existsSync(path)).toBe(false)
  })
})

describeOnMongo('personalization command line', (mongo) => {
  test('imports, trains, and resets its own database only', async () => {
    const env = { DATASTORE_URL: mongo().url('command_line') }
    const other = await openPersonalizationStore(mongo().url('command_line_other'))
    const imported = await cli(['import', 'interactions', plays()], env)
    expect(imported.out).toContain('4 read, 4 new')
    expect(imported.out).toContain('Model ease-v1 (EASE) is trained')
    const again = await cli(['import', 'interactions', plays()], env)
    expect(again.out).toContain('4 read, 0 new, 4 already known')
    expect(await cli(['reset', '--yes'], env)).toMatchObject({ code: 0, err: '' })
    const store = await openPersonalizationStore(env.DATASTORE_URL)
    expect(await store.countItems({})).toBe(0)
    await store.close()
    await other.ping()
    await other.close()
  })

  test('evaluates to the same bytes as on SQLite', async () => {
    const plays = datedPlays()
    const reports: string[] = []
    for (const env of [{}, { DATASTORE_URL: mongo().url('command_line_evaluate') }]) {
      await cli(['import', 'interactions', plays, '--no-train'], env)
      const compared = await cli(['compare', 'popular', 'item-knn', '--k', '1,2', '--json'], env)
      expect(compared.code).toBe(0)
      reports.push(compared.out)
    }
    expect(reports[1]).toBe(reports[0])
  })
})
