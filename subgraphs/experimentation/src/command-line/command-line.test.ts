import { expect, test } from 'vitest'
import { parseCommandLine } from './command-line.ts'

function command(...args: readonly string[]) {
  const parsed = parseCommandLine(args)
  return parsed.type === 'command' ? parsed.command : parsed
}

test('reads what is asked of experiments, with its defaults', () => {
  const plain = { name: 'experiment', url: null, json: false }
  expect(command('list')).toEqual({ ...plain, request: { type: 'list', statuses: [], owner: null } })
  expect(command('show', 'mix')).toEqual({ ...plain, request: { type: 'show', key: 'mix' } })
  expect(command('create', '-')).toEqual({ ...plain, request: { type: 'create', file: '-' } })
  for (const step of ['submit', 'start', 'pause', 'resume', 'stop']) {
    const reason = `npm run experimentation -- ${step}`
    expect(command(step, 'mix')).toEqual({
      ...plain,
      request: { type: 'step', step, key: 'mix', revision: null, reason },
    })
  }
})

test('reads every option', () => {
  const api = ['--json', '--url', 'https://graph.example.org/graphql']
  const shared = { name: 'experiment', url: 'https://graph.example.org/graphql', json: true }
  expect(command('list', '--status', 'running,in-review', '--owner', 'ana', ...api)).toEqual({
    ...shared,
    request: { type: 'list', statuses: ['RUNNING', 'IN_REVIEW'], owner: 'ana' },
  })
  expect(command('stop', 'mix', '--revision', '4', '--reason', 'done', ...api)).toEqual({
    ...shared,
    request: { type: 'step', step: 'stop', key: 'mix', revision: 4, reason: 'done' },
  })
  expect(command('review', 'mix', '--reject', '--comment', 'why?', '--revision', '2', ...api)).toEqual({
    ...shared,
    request: { type: 'review', key: 'mix', revision: 2, approved: false, comment: 'why?' },
  })
})

test.each([
  [['review', 'mix', '--comment', 'c'], 'give one of --approve and --reject'],
  [['review', 'mix', '--approve', '--reject', '--comment', 'c'], 'give one of --approve and --reject'],
  [['review', 'mix', '--approve'], '--comment'],
  [['list', '--status', 'RUNNING,LOST'], 'Allowed are DRAFT, IN_REVIEW'],
  [['start', 'mix', '--revision', '0'], 'not a whole number from 1 on'],
  [['start'], 'EXPERIMENT'],
  [['show', 'mix', '--url', 'ftp://x'], 'no http or https URL'],
])('refuses %j', (args, message) => {
  expect(command(...args)).toMatchObject({ type: 'refused', message: expect.stringContaining(message) })
})
