import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { parseCommandLine } from '../command-line/command-line.ts'
import { COMMENT_MARKER } from './markdown.ts'

const CI = fileURLToPath(new URL('../../ci/', import.meta.url))

const actionSchema = z.object({
  inputs: z.record(z.string(), z.object({ description: z.string(), default: z.string() })),
  runs: z.object({
    steps: z.array(
      z.object({ id: z.string().optional(), run: z.string().optional(), uses: z.string().optional() }),
    ),
  }),
})
const workflowSchema = z.object({
  jobs: z.object({
    check: z.object({
      strategy: z.object({ matrix: z.object({ node: z.array(z.number()) }) }),
      steps: z.array(
        z.object({ uses: z.string().optional(), with: z.record(z.string(), z.unknown()).optional() }),
      ),
    }),
  }),
})
const gitlabSchema = z.object({
  'schema-check': z.object({ script: z.array(z.string()), after_script: z.array(z.string()) }),
})

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'schema-ci-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function readYaml(name: string): Promise<unknown> {
  return parse(await readFile(join(CI, name), 'utf8'))
}

async function scriptOf(id: string): Promise<string> {
  const { runs } = actionSchema.parse(await readYaml('action/action.yml'))
  const script = runs.steps.find((step) => step.id === id)?.run
  if (script === undefined) throw new Error(`No script ${id}`)
  return script
}

type Run = { readonly code: number; readonly output: string }

function run(file: string, args: readonly string[], env: Record<string, string>): Promise<Run> {
  return new Promise((resolve) => {
    execFile(file, args, { env, cwd: folder }, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : 1
      resolve({ code, output: `${stdout}${stderr}` })
    })
  })
}

/** Runs a step as GitHub does, with stand-ins for the programs that it calls. */
async function runStep(
  id: string,
  programs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): Promise<Run & { readonly outputs: string; readonly summary: string; readonly calls: string }> {
  const home = await mkdtemp(join(folder, 'step-'))
  await mkdir(join(home, 'bin'))
  for (const [name, body] of Object.entries(programs)) {
    await writeFile(
      join(home, 'bin', name),
      `#!/usr/bin/env bash\nprintf '%s\\n' "$*" >> "${home}/calls"\n${body}\n`,
    )
    await chmod(join(home, 'bin', name), 0o755)
  }
  for (const file of ['outputs', 'summary', 'calls']) await writeFile(join(home, file), '')
  const result = await run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', await scriptOf(id)], {
    PATH: `${join(home, 'bin')}:${process.env.PATH}`,
    RUNNER_TEMP: home,
    GITHUB_OUTPUT: join(home, 'outputs'),
    GITHUB_STEP_SUMMARY: join(home, 'summary'),
    GITHUB_REPOSITORY: 'shop/graph',
    ...env,
  })
  const text = (file: string) => readFile(join(home, file), 'utf8')
  return {
    ...result,
    outputs: await text('outputs'),
    summary: await text('summary'),
    calls: await text('calls'),
  }
}

const NO_INPUTS = { CONFIG: 'supergraph.yaml', BASE: '', FAIL_ON: '', BASELINE: '', USAGE_WINDOW: '' }
const WRITES_REPORTS = `for argument in "$@"; do case "$argument" in *=*) echo report > "\${argument#*=}";; esac; done`

/** The arguments of each call of the tool in a text. */
function checkCalls(text: string): readonly (readonly string[])[] {
  return [...text.replaceAll('\n', ' ').matchAll(/bulkhead-schema (check [^";]*)/g)].map(([, args = '']) =>
    args.trim().split(/\s+/),
  )
}

test('the action calls the tool with options that it has, only with those that are set', async () => {
  const few = await runStep('check', { npx: WRITES_REPORTS }, NO_INPUTS)
  const many = await runStep(
    'check',
    { npx: WRITES_REPORTS },
    {
      ...NO_INPUTS,
      BASE: 'origin/main',
      FAIL_ON: 'dangerous',
      BASELINE: 'baseline.json',
      USAGE_WINDOW: '30d',
    },
  )
  for (const { calls, code } of [few, many]) {
    expect(code).toBe(0)
    const [args = []] = checkCalls(calls)
    expect(parseCommandLine(args)).toMatchObject({ type: 'command', command: { type: 'check' } })
  }
  expect(few.calls).not.toMatch(/--base |--fail-on|--baseline|--usage-window/)
  expect(many.calls).toMatch(
    /--base origin\/main --fail-on dangerous --baseline baseline\.json --usage-window 30d/,
  )
})

test.each([0, 1, 2])('the action hands on the exit code %i, with the reports', async (code) => {
  const { outputs, summary } = await runStep('check', { npx: `${WRITES_REPORTS}; exit ${code}` }, NO_INPUTS)
  expect(outputs).toContain(`exit-code=${code}\n`)
  expect(outputs).toMatch(/^sarif=.*report\.sarif$/m)
  expect(summary).toBe('report\n')
  expect((await runStep('result', {}, { CODE: String(code) })).code).toBe(code)
})

test.each([0, 1])('without a report it could not check, though the tool ended with %i', async (code) => {
  const { outputs, summary, output } = await runStep('check', { npx: `exit ${code}` }, NO_INPUTS)
  expect(outputs).toContain('exit-code=2\n')
  expect(outputs).not.toContain('sarif=')
  expect(summary.split('\n')[0]).toBe(COMMENT_MARKER)
  expect(output).toContain('::error title=bulkhead-schema::Could not check')
})

test('a check that never ran does not pass', async () => {
  expect((await runStep('result', {}, { CODE: '' })).code).toBe(2)
})

test('the comment is written once, and then again in its place', async () => {
  const env = { COMMENT: 'comment.md', NUMBER: '7', GH_TOKEN: 'x' }
  const first = await runStep('comment', { gh: '' }, env)
  expect(first.calls).toContain('--method POST repos/shop/graph/issues/7/comments -F body=@comment.md')
  const later = await runStep('comment', { gh: 'case "$*" in *--jq*) echo 11; echo 12;; esac' }, env)
  expect(later.calls).toContain('--method PATCH repos/shop/graph/issues/comments/11 -F body=@comment.md')
  expect(later.calls).not.toContain('POST')
  expect(later.calls).toContain(`startswith("${COMMENT_MARKER}")`)
})

test('a comment that may not be written is said, and does not fail the check', async () => {
  const { code, output } = await runStep(
    'comment',
    { gh: 'exit 1' },
    { COMMENT: 'c', NUMBER: '7', GH_TOKEN: 'x' },
  )
  expect(code).toBe(0)
  expect(output).toContain('::warning title=bulkhead-schema::Could not comment')
})

test('the workflow gives the action inputs that it has, on every supported Node', async () => {
  const { inputs } = actionSchema.parse(await readYaml('action/action.yml'))
  const { check } = workflowSchema.parse(await readYaml('github-workflow.yml')).jobs
  expect(check.strategy.matrix.node).toEqual([20, 22, 24])
  const step = check.steps.find(({ uses }) => uses?.endsWith('/ci/action'))
  expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(step?.with ?? { none: true })))
})

test('what others write never becomes part of a script of the action', async () => {
  const { runs } = actionSchema.parse(await readYaml('action/action.yml'))
  for (const { run: script, uses } of runs.steps) {
    expect(script ?? '').not.toContain('${{')
    if (uses !== undefined) expect(uses).toMatch(/@[0-9a-f]{40}$/)
  }
})

test('the job of GitLab calls the tool with options that it has', async () => {
  const { script } = gitlabSchema.parse(await readYaml('gitlab.yml'))['schema-check']
  const calls = checkCalls(script.join('\n'))
  expect(calls).toHaveLength(1)
  expect(parseCommandLine(calls[0] ?? [])).toMatchObject({ type: 'command', command: { type: 'check' } })
})

test('the note on a merge request of GitLab is written once, and then again in its place', async () => {
  const requests: string[] = []
  const theirs = { id: 1, author: { id: 99 }, body: `${COMMENT_MARKER} quoted` }
  let pages: readonly (readonly object[])[] = [[theirs]]
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    requests.push(`${request.method} ${request.url?.replace(/^.*\/notes/, 'notes')} ${body}`.trim())
    const page = Number(new URL(request.url ?? '', 'http://gitlab').searchParams.get('page') ?? 0)
    response.setHeader('x-next-page', page > 0 && page < pages.length ? String(page + 1) : '')
    response.end(JSON.stringify(request.url === '/user' ? { id: 5 } : (pages[page - 1] ?? {})))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const env = {
    CI_API_V4_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    CI_PROJECT_ID: '3',
    CI_MERGE_REQUEST_IID: '4',
    SCHEMA_NOTE_TOKEN: 'x',
  }
  const comment = join(folder, 'note.md')
  await writeFile(comment, `${COMMENT_MARKER}\nreport`)
  const note = (file: string) => run(process.execPath, [join(CI, 'gitlab-note.mjs'), file], env)

  expect(await note(comment)).toEqual({ code: 0, output: '' })
  expect(requests.at(-1)).toBe(`POST notes ${JSON.stringify({ body: `${COMMENT_MARKER}\nreport` })}`)
  pages = [[theirs], [{ id: 8, author: { id: 5 }, body: `${COMMENT_MARKER} old` }]]
  expect((await note(join(folder, 'missing.md'))).code).toBe(0)
  expect(requests.at(-1)).toMatch(/^PUT notes\/8 .*could not be made/)
  server.close()
})
