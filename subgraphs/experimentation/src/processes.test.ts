import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { encodePrivateKey, encodePublicKey } from '@bulkhead/contracts'
import { openSqlite } from '@bulkhead/datastore/sqlite/open'
import { afterAll, expect, onTestFinished, test, vi } from 'vitest'
import { openExperimentationStore } from './datastore/open.ts'
import { SQLITE_MIGRATIONS } from './datastore/sqlite/migrations.ts'
import { createStoredRun } from './services/analyses/stored-run.ts'
import {
  ANALYSED_AT,
  ANALYSED_KEY,
  analysedPlay,
  storeAnalysedExperiment,
  storeEvents,
} from './testing/analysed-experiment.ts'
import { fixedClock, testEngine } from './testing/test-app.ts'

const folder = await mkdtemp(join(tmpdir(), 'experimentation-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const env = {
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
  PORT: '0',
  DATA_DIR: folder,
  GATEWAY_SECRETS: 'dev-gateway-secret-1',
  EVENTS_WRITE_TOKENS: 'dev-events-token-one',
  SNAPSHOT_READ_TOKENS: 'dev-snapshot-token-1',
  IDENTITY_PUBLIC_KEYS: `dev-key:${encodePublicKey(generateKeyPairSync('ed25519').publicKey)}`,
  SNAPSHOT_SIGNING_KEY_ID: 'dev-key',
  SNAPSHOT_SIGNING_KEY: encodePrivateKey(generateKeyPairSync('ed25519').privateKey),
}

const PROGRAMS = {
  main: new URL('./main.ts', import.meta.url),
  cli: new URL('./cli.ts', import.meta.url),
}

function launch(file: 'main' | 'cli', args: readonly string[], changes: Record<string, string | undefined>) {
  // As the launcher starts it: options of Node's that are about this process alone.
  const own = ['--import', `data:text/javascript,if(process.ppid!==${process.pid})process.exit(9)`]
  return spawn(process.execPath, [...own, fileURLToPath(PROGRAMS[file]), ...args], {
    env: { ...env, ...changes },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, as in a terminal.
    detached: true,
  })
}

async function run(
  file: 'main' | 'cli',
  args: readonly string[],
  changes: Record<string, string | undefined> = {},
) {
  const child = launch(file, args, changes)
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { out, err, code }
}

const oneLine = /^experimentation: [^\n]+\n$/

test('the demo is installed once, and reset leaves nothing of it', async () => {
  expect(await run('cli', ['demo', '--if-empty'])).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringMatching(/home-mix.* is running/),
  })
  expect(await run('cli', ['demo', '--if-empty'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/there already/),
  })
  expect(await run('cli', ['reset'])).toMatchObject({ code: 1, err: expect.stringMatching(/--yes/) })
  expect(await readdir(folder)).toContain('experimentation.db')
  await writeFile(join(folder, 'experimentation-analysis.duckdb'), 'units')
  expect(await run('cli', ['reset', '--yes'])).toMatchObject({ code: 0 })
  const isData = (name: string) => /^experimentation(-analysis)?\.(db|duckdb)/.test(name)
  expect((await readdir(folder)).filter(isData)).toEqual([])
})

test('a verification migrates nothing, and says what does', async () => {
  const path = join(folder, 'behind.db')
  const released = SQLITE_MIGRATIONS.slice(0, 3)
  openSqlite(path, released).close()
  function schema() {
    // Throws where it was migrated.
    const database = openSqlite(path, released)
    const rows = database.raw.prepare('SELECT name FROM sqlite_master ORDER BY name').all()
    database.close()
    return rows
  }
  const before = schema()
  for (const NODE_ENV of ['production', 'development']) {
    const { code, err } = await run('cli', ['audit', 'verify'], { NODE_ENV, DATASTORE_URL: `sqlite:${path}` })
    expect([code, err]).toEqual([1, expect.stringMatching(oneLine)])
    expect(err).toMatch(/is at schema version 3.*`npm run experimentation -- migrate`/)
    expect(schema()).toEqual(before)
  }
})

test('an experiment is analysed without the service, and what cannot be is told in one line', async () => {
  const own = { DATASTORE_URL: `sqlite:${join(folder, 'analysed.db')}` }
  await run('cli', ['demo'], own)
  const report = await run('cli', ['analyze', 'home-mix'], own)
  expect(report).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringMatching(/^home-mix, version 1: 0 units/),
  })
  const now = new Date()
  const { out } = await run('cli', ['analyze', 'home-mix', '--json', '--cutoff', now.toISOString()], own)
  expect(JSON.parse(out)).toMatchObject({ units: 0, cutoff: now.getTime(), asOf: 0 })
  for (const args of [
    ['none'],
    ['home-mix', '--cutoff', 'yesterday'],
    ['home-mix', '--cutoff', '2999-01-01T00:00:00Z'],
    ['home-mix', '--cutoff', '2026-01-31T01:00:00+01:00'],
    ['home-mix', '--as-of', '-1'],
    ['home-mix', '--as-of', '1'],
  ]) {
    const { code, err } = await run('cli', ['analyze', ...args], own)
    expect([code, err]).toEqual([1, expect.stringMatching(oneLine)])
  }
  // It only reads, so it brings no schema up to date.
  const behind = await run('cli', ['analyze', 'home-mix'], {
    TMPDIR: folder,
    DATASTORE_URL: `sqlite:${join(folder, 'new.db')}`,
  })
  expect(behind).toMatchObject({ code: 1, err: expect.stringMatching(/migrate/) })
  expect((await readdir(folder)).filter((name) => name.startsWith('bulkhead-analyze-'))).toEqual([])
})

test('a stored analysis is replayed without the service; exit code 1 says that it differs', async () => {
  const path = join(folder, 'replayed.db')
  const own = { DATASTORE_URL: `sqlite:${path}` }
  const store = await openExperimentationStore(own.DATASTORE_URL)
  await storeAnalysedExperiment(store)
  const compute = createStoredRun({ store, engine: testEngine(store), clock: fixedClock(ANALYSED_AT) })
  const request = { experimentKey: ANALYSED_KEY, cutoff: ANALYSED_AT, requestedBy: 'ana' }
  const outcome = await compute(request, new AbortController().signal)
  if (outcome.type !== 'analysed') throw new Error(outcome.refusal.type)
  const { analysis } = outcome
  await storeEvents(store, [analysedPlay('u1', 500, 3)])
  await store.insertAnalysis({ ...analysis, id: 'changed' })
  await store.close()

  expect(await run('cli', ['replay', analysis.id], own)).toEqual({
    code: 0,
    err: '',
    out: `analysis ${analysis.id} of ${ANALYSED_KEY}: equal\ninputs erased: 0\n`,
  })
  const { out } = await run('cli', ['replay', analysis.id, '--json'], own)
  expect(JSON.parse(out)).toMatchObject({ id: analysis.id, equal: true, hash: analysis.id })
  const changed = await run('cli', ['replay', 'changed', '--json'], own)
  expect([changed.code, changed.err]).toEqual([1, expect.stringMatching(oneLine)])
  expect(JSON.parse(changed.out)).toMatchObject({ equal: false, intact: false, hash: analysis.id })
  const unknown = await run('cli', ['replay', 'none'], own)
  expect([unknown.code, unknown.err]).toEqual([1, expect.stringMatching(/no stored analysis "none"/)])
  for (const args of [
    ['--store', '--as-of', '1'],
    ['--url', 'http://127.0.0.1:1/'],
    ['--store', '--url', 'ftp://h/'],
    ['--store', '--url', 'http://127.0.0.1:1/'],
  ]) {
    const { code, err } = await run('cli', ['analyze', ANALYSED_KEY, ...args], own)
    expect([code, err]).toEqual([1, expect.stringMatching(oneLine)])
  }
})

test('a sample is computed without a datastore, from recent traffic only where there is some', async () => {
  const asked = ['power', '--kind', 'PROPORTION', '--baseline', '0.05', '--effect', '0.1']
  const report = await run('cli', asked)
  expect(report).toMatchObject({ code: 0, err: '', out: expect.stringMatching(/^all +\d+$/m) })
  const { out } = await run('cli', [...asked, '--units-per-day', '5000', '--json'])
  const { totalUnits, variantUnits, days, unitsPerDay } = JSON.parse(out)
  expect(report.out).toContain(`${totalUnits}`)
  expect(variantUnits).toEqual([totalUnits / 2, totalUnits / 2])
  expect([days, unitsPerDay]).toEqual([totalUnits / 5_000, 5_000])

  const own = { DATASTORE_URL: `sqlite:${join(folder, 'planned.db')}` }
  await run('cli', ['migrate'], own)
  for (const args of [
    ['power', '--kind', 'MEAN', '--baseline', '1', '--effect', '0.1'],
    ['power', '--kind', 'MEAN', '--baseline', '1'],
    [...asked, '--allocation', '0.5,x'],
    [...asked, '--units-per-day', '0'],
    [...asked, '--recent-traffic'],
  ]) {
    const { code, err } = await run('cli', args, own)
    expect([code, err]).toEqual([1, expect.stringMatching(oneLine)])
  }
})

test('the demo is refused in production', async () => {
  const url = `sqlite:${join(folder, 'no-demo.db')}`
  const { code, err } = await run('cli', ['demo'], {
    NODE_ENV: 'production',
    SNAPSHOT_SIGNING_KEY_ID: 'own-key',
    DATASTORE_URL: url,
  })
  expect([code, err]).toEqual([1, expect.stringMatching(oneLine)])
  expect(err).toMatch(/not for production/)
  expect(await readdir(folder)).not.toContain('no-demo.db')
})

test('reset refuses while someone has the datastore open', async () => {
  const path = join(folder, 'in-use.db')
  const store = await openExperimentationStore(`sqlite:${path}`)
  try {
    expect(await run('cli', ['reset', '--yes'], { DATASTORE_URL: `sqlite:${path}` })).toEqual({
      code: 1,
      out: '',
      err: `experimentation: ${path} is in use: stop the service first\n`,
    })
    expect(await readdir(folder)).toContain('in-use.db')
    await store.ping()
  } finally {
    await store.close()
  }
})

test('the command line says in one line what it cannot do', async () => {
  expect(await run('cli', ['--help'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/demo .*create and start the demo experiment/),
  })
  expect(await run('cli', ['demo', '--help'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/--if-empty/),
  })
  for (const [args, changes] of [
    [['fly'], {}],
    [['demo', 'twice'], {}],
    [['demo', '--fast'], {}],
    [['demo'], { SNAPSHOT_SIGNING_KEY: undefined }],
    [['demo'], { DATASTORE_URL: 'postgres://h/d' }],
  ] as const) {
    const { code, err } = await run('cli', args, changes)
    expect([code, err]).toEqual([1, expect.stringMatching(oneLine)])
  }
})

test('the service says in one line why it cannot start', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const address = taken.address()
  const port = typeof address === 'object' && address !== null ? String(address.port) : ''
  for (const [changes, problem] of [
    [{ PORT: 'http', GATEWAY_SECRETS: undefined }, /PORT.*GATEWAY_SECRETS/],
    [{ PORT: port }, new RegExp(`PORT ${port} is taken`)],
    [{ NODE_ENV: 'production' }, /development secret/],
    [{ DATASTORE_URL: 'mongodb://127.0.0.1:1/experimentation' }, /MongoDB/],
    [{ DATA_DIR: '/dev/null' }, /\/dev\/null/],
  ] as const) {
    const { code, err } = await run('main', [], changes)
    expect([code, err]).toEqual([1, expect.stringMatching(oneLine)])
    expect(err).toMatch(problem)
  }
  taken.close()
})

test('in production a datastore that is behind is refused with the command to run, and taken afterwards', async () => {
  const production = {
    NODE_ENV: 'production',
    DATASTORE_URL: `sqlite:${join(folder, 'production.db')}`,
    GATEWAY_SECRETS: 'own-gateway-secret-1',
    EVENTS_WRITE_TOKENS: 'own-events-token-one',
    SNAPSHOT_READ_TOKENS: 'own-snapshot-token-1',
    IDENTITY_PUBLIC_KEYS: env.IDENTITY_PUBLIC_KEYS.replace('dev-', 'own-'),
    SNAPSHOT_SIGNING_KEY_ID: 'own-key',
  }
  const { code, err } = await run('main', [], production)
  expect([code, err]).toEqual([1, expect.stringMatching(oneLine)])
  expect(err).toMatch(/production\.db is at schema version 0.*`npm run experimentation -- migrate`/)
  expect(await run('cli', ['migrate'], production)).toMatchObject({ code: 0, err: '' })

  const child = launch('main', [], production)
  const output = text(child.stdout)
  await new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.includes('experimentation is up')) resolve()
    })
    child.once('exit', () => resolve())
  })
  child.kill('SIGTERM')
  expect(await output).toMatch(/experimentation is up/)
})

test('the service comes up, answers, and drains on SIGTERM without telling a secret', async () => {
  const child = launch('main', [], {})
  const log = text(child.stdout)
  const port = await new Promise<number>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const match = /"port":(\d+),"msg":"experimentation is up"/.exec(chunk.toString())
      if (match) resolve(Number(match[1]))
    })
  })
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
  const headers = { authorization: `Bearer ${env.SNAPSHOT_READ_TOKENS}` }
  expect(await (await fetch(`http://127.0.0.1:${port}/v1/snapshot`, { headers })).json()).toMatchObject({
    version: 1,
  })
  child.kill('SIGTERM')
  expect((await once(child, 'exit'))[0]).toBe(0)
  const lines = await log
  for (const secret of [
    env.GATEWAY_SECRETS,
    env.EVENTS_WRITE_TOKENS,
    env.SNAPSHOT_READ_TOKENS,
    env.SNAPSHOT_SIGNING_KEY,
  ]) {
    expect(lines).not.toContain(secret)
  }
  expect(lines).not.toMatch(/"level":"(warn|error|fatal)"/)
})

test('the service has analyses computed beside it, which ends with it and is started again without it', async () => {
  const path = join(folder, 'beside.db')
  const own = { DATASTORE_URL: `sqlite:${path}`, ANALYSIS_FILE: join(folder, 'beside.duckdb') }
  const child = launch('main', [], { ...own, ANALYSIS_LEASE_MS: '1000' })
  const log = text(child.stdout)
  const store = await openExperimentationStore(own.DATASTORE_URL)
  const holder = async () => (await store.lease())?.holder ?? null
  const heldBy = async (others: readonly string[]) => {
    let pid = ''
    await vi.waitFor(
      async () => {
        pid = (await holder())?.split(' ')[1] ?? ''
        expect(pid).toMatch(/^\d+$/)
        expect(others).not.toContain(pid)
      },
      { timeout: 30_000, interval: 50 },
    )
    return pid
  }
  const first = await heldBy([])
  process.kill(Number(first), 'SIGKILL')
  const second = await heldBy([first])
  expect(Number(second)).not.toBe(child.pid)
  // However the service ends.
  child.kill('SIGKILL')
  await vi.waitFor(() => expect(() => process.kill(Number(second), 0)).toThrow('ESRCH'), 10_000)
  expect(await log).toMatch(/"signal":"SIGKILL".*is started again/)
  await store.close()
}, 60_000)

test('Ctrl-C, which a terminal sends to the whole group, lets what is beside the service finish and give up its lease', async () => {
  const path = join(folder, 'interrupted.db')
  const own = { DATASTORE_URL: `sqlite:${path}`, ANALYSIS_FILE: join(folder, 'interrupted.duckdb') }
  const child = launch('main', [], own)
  const ended = once(child, 'exit')
  const store = await openExperimentationStore(own.DATASTORE_URL)
  onTestFinished(() => store.close())
  await vi.waitFor(async () => expect((await store.lease())?.holder).toMatch(/ \d+ /), {
    timeout: 30_000,
    interval: 50,
  })
  // A terminal signals the whole group; the service itself then ends its analyst.
  process.kill(-(child.pid ?? 0), 'SIGINT')
  expect(await ended).toEqual([0, null])
  expect((await store.lease())?.holder).toBeNull()
}, 60_000)
