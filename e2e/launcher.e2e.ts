import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findTestMongo } from '@bulkhead/datastore/testing/mongodb'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { acquireDatastores, describeIfMongo } from './harness/datastores.ts'
import { type Answer, query } from './harness/graphql.ts'
import { freePorts } from './harness/ports.ts'
import { startProgram, type TestProcess } from './harness/processes.ts'
import { HOME_SLATE } from './harness/queries.ts'
import { waitUntil } from './harness/wait-until.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const START_TIMEOUT_MS = 60_000
const FIRST_RESULT_MS = 90_000
/** On a machine that does much else meanwhile. */
const WALK_MS = 240_000
const FIRST_RESULT = `{ experiment(key: "home-mix") {
  health { passed }
  results { units metrics { variantKey significant effect { lower } } verdict { recommendation } }
} }`
const PATHS = `{
  modelVersions(first: 10) { nodes { id stage stageHistory { to by evidence { kind } } } }
  bootstrapDecisions { modelVersionId status decidedBy reviews { by approved } }
  experiments(first: 10) { nodes { key status } }
  experiment(key: "ease-challenge") {
    createdBy startedAt stoppedAt
    reviews { by approved }
    results { id units verdict { recommendation variantKey } metrics { role significant effect { lower } } }
    decision { outcome variantKey modelVersion { id } decidedBy reviewedBy signature analysis { id } }
    audit(first: 100) { nodes { action by } }
  }
}`
const SERVED = '{ recommendations(userId: "u1") { servedBy { rung } modelVersion { id } } }'
const ROLL_BACK = `mutation {
  rollbackModel(input: { expectedCurrent: "ease-v1", reason: "e2e" }) { modelVersion { id } errors { message } }
}`

let dataDir: string
let launcher: TestProcess | undefined
let port: number

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'bulkhead-launcher-'))
  // The launcher needs three ports in a row. The system often gives out neighbours, so search among a dozen.
  for (;;) {
    const ports = (await freePorts(12)).toSorted((a, b) => a - b)
    const first = ports.find((candidate) => ports.includes(candidate + 1) && ports.includes(candidate + 2))
    const [any = 0] = ports
    port = first ?? any
    if (first !== undefined || (await areFree([any, any + 1, any + 2]))) return
  }
})
afterEach(async () => {
  await launcher?.stop()
  launcher = undefined
  rmSync(dataDir, { recursive: true, force: true })
})

async function areFree(ports: readonly number[], host = '127.0.0.1'): Promise<boolean> {
  const servers: Server[] = []
  try {
    for (const candidate of ports) {
      const server = createServer().listen(candidate, host)
      await once(server, 'listening')
      servers.push(server)
    }
    return true
  } catch {
    return false
  } finally {
    for (const server of servers) server.close()
  }
}

/**
 * The first of three ports below those that the system gives out by itself: on all addresses, a port is taken already
 * where another test uses it on one of them.
 */
async function portForAllAddresses(): Promise<number> {
  for (let first = 20_000 + (process.pid % 3_000) * 3; ; first += 3) {
    if (await areFree([first, first + 1, first + 2], '0.0.0.0')) return first
  }
}

/** What `npm start -- …` runs. */
function start(args: readonly string[] = [], env: Record<string, string> = {}): TestProcess {
  launcher = startProgram(['dev/src/start.ts', '--port', String(port), ...args], {
    cwd: ROOT,
    env: { DATA_DIR: dataDir, ...env },
  })
  return launcher
}

function ready(started: TestProcess): Promise<void> {
  return waitUntil(
    'the ready line',
    () => {
      if (started.exited()) throw new Error(started.output())
      return started.output().includes('Bulkhead is ready')
    },
    START_TIMEOUT_MS,
  )
}

/** Waits for the end, and returns the exit code and the lines that were printed. */
async function refusal(started: TestProcess): Promise<{ code: number | null; lines: string[] }> {
  await waitUntil('it exits', () => started.exited(), START_TIMEOUT_MS)
  const code = await started.stop()
  return {
    code,
    lines: started
      .output()
      .split('\n')
      .filter((line) => line.trim() !== ''),
  }
}

function homeSlate(): Promise<Answer> {
  return query(`http://127.0.0.1:${port}/graphql`, HOME_SLATE, { userId: 'u1' })
}

/** Of the newest slate. */
async function servedNow(): Promise<{ rung: string; model: string | undefined }> {
  const { data, errors } = await query(`http://127.0.0.1:${port}/graphql`, SERVED)
  expect(errors).toEqual([])
  const { servedBy, modelVersion } = data.recommendations
  return { rung: servedBy.rung, model: modelVersion?.id }
}

/** Both models have come into production by decisions of two people, the second one by its experiment's own analysis. */
function expectWalked({ data, errors }: Answer): void {
  expect(errors).toEqual([])
  const evidence = data.modelVersions.nodes.map(
    ({
      id,
      stageHistory,
    }: {
      id: string
      stageHistory: { to: string; evidence: { kind: string } | null }[]
    }) => [id, ...stageHistory.map(({ to, evidence }) => `${to} ${evidence?.kind ?? ''}`.trim())].join(', '),
  )
  expect(evidence.toSorted()).toEqual([
    'ease-v1, REGISTERED, EVALUATED EVALUATION, SHADOW, EXPERIMENT SHADOW, PRODUCTION DECISION',
    'item-to-item-v1, REGISTERED, EVALUATED EVALUATION, PRODUCTION BOOTSTRAP, RETIRED',
  ])
  expect(data.bootstrapDecisions).toEqual([
    {
      modelVersionId: 'item-to-item-v1',
      status: 'APPROVED',
      decidedBy: 'ana',
      reviews: [{ by: 'ben', approved: true }],
    },
  ])
  expect(data.experiments.nodes).toEqual(
    expect.arrayContaining([
      { key: 'home-mix', status: 'RUNNING' },
      { key: 'ease-challenge', status: 'DECIDED' },
    ]),
  )
  const { results, decision, audit, startedAt, stoppedAt, ...experiment } = data.experiment
  expect(experiment).toEqual({ createdBy: 'ana', reviews: [{ by: 'ben', approved: true }] })
  const days = (Date.parse(stoppedAt) - Date.parse(startedAt)) / 86_400_000
  expect(days).toBeGreaterThanOrEqual(14)
  expect(Math.abs(Date.parse(stoppedAt) - Date.now())).toBeLessThan(3_600_000)
  expect(results).toMatchObject({ units: 500, verdict: { recommendation: 'SHIP', variantKey: 'challenger' } })
  const success = results.metrics.find(({ role }: { role: string }) => role === 'SUCCESS')
  expect(success.significant).toBe(true)
  expect(success.effect.lower).toBeGreaterThan(0)
  expect(decision).toEqual({
    ...{ outcome: 'SHIP', variantKey: 'challenger', modelVersion: { id: 'ease-v1' } },
    ...{ decidedBy: 'ana', reviewedBy: 'ben', signature: expect.any(String), analysis: { id: results.id } },
  })
  expect(audit.nodes).toEqual([
    ...['createExperiment', 'submitForReview'].map((action) => ({ action, by: 'ana' })),
    { action: 'reviewExperiment', by: 'ben' },
    ...['startExperiment', 'stopExperiment', 'recordDecision'].map((action) => ({ action, by: 'ana' })),
    { action: 'reviewDecision', by: 'ben' },
  ])
}

/** The process id of what the launcher runs of a subgraph. */
function childRunning(started: TestProcess, subgraph: string): number {
  const { stdout } = spawnSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
  const line = new RegExp(`^ *(\\d+) +${started.pid} .*/${subgraph}/`, 'm').exec(stdout)
  return Number(line?.[1])
}

describe('npm start', () => {
  test('where others can reach it, requests without a token are anonymous, and it says so', async () => {
    port = await portForAllAddresses()
    const started = start(['--no-demo'], { HOST: '0.0.0.0' })
    await ready(started)
    expect(started.output()).toContain('requests without a token are anonymous')
    const { data, errors } = await homeSlate()
    expect([data, errors.map(({ extensions }) => extensions.code)]).toEqual([
      { recommendations: null },
      ['UNAUTHENTICATED'],
    ])
  })

  test('loads the demo, walks its models along their path, answers the examples that it prints, drains at Ctrl-C, and starts again on its data', async () => {
    const started = start()
    await ready(started)
    expect(await servedNow()).toEqual({ rung: 'MODEL', model: 'item-to-item-v1' })
    const bodies = [...started.output().matchAll(/-d '(.*)'/g)].map((match) => match[1] ?? '')
    expect(bodies).toHaveLength(4)
    for (const body of bodies) {
      const { data, errors } = await query(`http://127.0.0.1:${port}/graphql`, JSON.parse(body).query)
      expect(errors).toEqual([])
      expect(Object.values(data)).not.toContain(null)
    }
    await waitUntil(
      'the first result',
      () => started.output().includes('has a first result'),
      FIRST_RESULT_MS,
    )
    const { data, errors } = await query(`http://127.0.0.1:${port}/graphql`, FIRST_RESULT)
    expect(errors).toEqual([])
    // The demo's listeners like what is popular, and one variant has more of it.
    expect(data.experiment).toMatchObject({
      health: Array(6).fill({ passed: true }),
      results: { units: 500, verdict: { recommendation: 'CONTINUE' } },
    })
    const [result] = data.experiment.results.metrics
    expect(result).toMatchObject({ variantKey: 'more-popular', significant: true })
    expect(result.effect.lower).toBeGreaterThan(0)
    await waitUntil(
      'the challenger has walked its path',
      () => /Demo: .*(in PRODUCTION by that decision|given up)/.test(started.output()),
      WALK_MS,
    )
    expect(started.output()).not.toContain('client=bulkhead-demo')
    await waitUntil('the clock shows the real time', () => !existsSync(join(dataDir, 'demo-clock')))
    expectWalked(await query(`http://127.0.0.1:${port}/graphql`, PATHS))
    expect(await servedNow()).toEqual({ rung: 'MODEL', model: 'ease-v1' })
    process.kill(started.pid, 'SIGINT')
    await waitUntil('it drains', () => started.exited())
    expect(await started.stop()).toBe(0)
    expect(started.output()).not.toContain('starting it again')
    expect(started.output()).not.toMatch(/ (error|fatal) /)
    expect(await areFree([port, port + 1, port + 2])).toBe(true)

    const again = start()
    await ready(again)
    expect(again.output()).toContain('Demo: already loaded')
    expect(await servedNow()).toEqual({ rung: 'MODEL', model: 'ease-v1' })
    await waitUntil('it finds the walk done', () =>
      again.output().includes('ease-challenge has ended in SHIP'),
    )
    expect(again.output()).not.toMatch(/Demo: (ease-v1|item-to-item-v1)/)
    const { data: rolledBack } = await query(`http://127.0.0.1:${port}/graphql`, ROLL_BACK)
    expect(rolledBack.rollbackModel).toEqual({ modelVersion: { id: 'item-to-item-v1' }, errors: [] })
    await waitUntil('the version before serves', async () => (await servedNow()).model === 'item-to-item-v1')
  }, 600_000)

  test('with --no-demo nothing of the demo happens', async () => {
    const started = start(['--no-demo'])
    await ready(started)
    const { data } = await query(`http://127.0.0.1:${port}/graphql`, PATHS)
    expect(data).toMatchObject({
      modelVersions: { nodes: [] },
      bootstrapDecisions: [],
      experiments: { nodes: [] },
    })
    expect(started.output()).not.toContain('Demo')
    expect(existsSync(join(dataDir, 'demo-clock'))).toBe(false)
  })

  test('restarts a subgraph that was killed', async () => {
    const started = start(['--no-demo'])
    await ready(started)
    process.kill(childRunning(started, 'personalization'), 'SIGKILL')
    await waitUntil('the launcher hears of it', () =>
      started.output().includes('personalization ended (SIGKILL); starting it again'),
    )
    await waitUntil('it answers again', async () => (await homeSlate()).errors.length === 0)
  })

  test('a taken port is one clear line and exit code 1', async () => {
    const server = createServer().listen(port + 1, '127.0.0.1')
    await once(server, 'listening')
    const { code, lines } = await refusal(start())
    server.close()
    expect({ code, lines }).toEqual({
      code: 1,
      lines: [expect.stringContaining(`Port ${port + 1} (personalization) is taken`)],
    })
  })

  test('an unreadable setting is one clear line and exit code 1', async () => {
    const { code, lines } = await refusal(start(['--no-demo'], { LOG_LEVEL: 'loud' }))
    expect(code).toBe(1)
    expect(lines.every((line) => line.includes('LOG_LEVEL'))).toBe(true)
    expect(lines.length).toBeGreaterThan(0)
  })

  test('an unwritable data folder is one clear line and exit code 1', async () => {
    const file = join(dataDir, 'a-file')
    writeFileSync(file, '')
    chmodSync(file, 0o400)
    const { code, lines } = await refusal(start([], { DATA_DIR: join(file, 'data') }))
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringContaining('set DATA_DIR')] })
  })

  test('a MongoDB that is away is one clear line and exit code 1', async () => {
    const [closed = 0] = await freePorts(1)
    const { code, lines } = await refusal(start(['--mongodb', `mongodb://user:hunter2@127.0.0.1:${closed}`]))
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringMatching(/MongoDB/)] })
    expect(lines.join()).not.toContain('hunter2')
  })

  test('an unknown flag is one clear line and exit code 1', async () => {
    const { code, lines } = await refusal(start(['--fast']))
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringContaining('--fast')] })
  })
})

describeIfMongo('npm start -- --mongodb', () => {
  test('runs the same on two databases of one MongoDB', async () => {
    const mongo = await acquireDatastores()
    try {
      // The launcher puts its own databases in the place of this one.
      const started = start(['--mongodb', mongo.datastores.personalization])
      await ready(started)
      expect(await homeSlate()).toMatchObject({
        errors: [],
        data: { recommendations: { servedBy: { rung: 'MODEL' } } },
      })
      await started.stop()
    } finally {
      await mongo.stop()
    }
  })

  const mongod = findTestMongo()
  test.skipIf(mongod.kind !== 'binary')(
    'a standalone server is refused with the line that makes it a replica set',
    async () => {
      const [mongoPort = 0] = await freePorts(1)
      const standalone = startProgram(
        ['--dbpath', dataDir, '--port', String(mongoPort), '--bind_ip', '127.0.0.1', '--nounixsocket'],
        { command: mongod.kind === 'binary' ? mongod.path : '' },
      )
      try {
        await waitUntil('mongod listens', () => standalone.output().includes('Waiting for connections'))
        const { code, lines } = await refusal(start(['--mongodb', `mongodb://127.0.0.1:${mongoPort}`]))
        expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringContaining('--replSet rs0')] })
      } finally {
        await standalone.stop()
      }
    },
  )
})
