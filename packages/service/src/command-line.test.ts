import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { readCommandLine } from './command-line.ts'

type Asked = { file: string } | { color: string | null } | 'list'

/** A program with a command of each kind. */
function read(args: readonly string[]) {
  return readCommandLine<Asked>({
    program: 'paint',
    args,
    define(program, ask) {
      program
        .command('wall')
        .option('--color <NAME>')
        .option('--dots <COLOR>', 'as many as wanted', (dot: string, dots: string[] = []) => [...dots, dot])
        .option('--wet')
        .action(({ color }: { color?: string }) => ask({ color: color ?? null }))
      const picture = program.command('picture').helpCommand(false)
      picture
        .command('show')
        .argument('<FILE>')
        .action((file: string) => ask({ file }))
      picture.command('list').action(() => ask('list'))
    },
  })
}

describe('readCommandLine', () => {
  test.each<[string[], Asked]>([
    [['wall'], { color: null }],
    [['wall', '--color', 'red'], { color: 'red' }],
    [['wall', '--color=red'], { color: 'red' }],
    [['wall', '--dots', 'red', '--dots=blue', '--wet', '--wet'], { color: null }],
    [['picture', 'show', 'a b.png'], { file: 'a b.png' }],
    [['picture', 'list'], 'list'],
  ])('%j is a command', (args, command) => {
    expect(read(args)).toEqual({ type: 'command', command })
  })

  test.each([
    [[], 'Usage: paint'],
    [['-h'], 'Usage: paint'],
    [['wall', '--help'], 'Usage: paint wall'],
    [['picture', 'show', '--help'], 'Usage: paint picture show [options] <FILE>'],
  ])('%j is help', (args, text) => {
    expect(read(args)).toEqual({ type: 'help', text: expect.stringContaining(text) })
  })

  test.each([
    [['floor'], "unknown command 'floor'; see paint --help"],
    [['wall', 'again'], 'unexpected "again"; see paint wall --help'],
    [['wall', '--size'], "unknown option '--size'; see paint wall --help"],
    [['wall', '--color'], "option '--color <NAME>' argument missing; see paint wall --help"],
    [['wall', '--color', '--help'], 'option --color lacks its value; see paint wall --help'],
    [['wall', '--color=red', '--color', 'red'], 'option --color is given twice; see paint wall --help'],
    [['picture'], 'a command is missing; see paint picture --help'],
    [['picture', 'show'], "missing required argument 'FILE'; see paint picture show --help"],
    [['wall', '--colour', 'red'], "unknown option '--colour' (Did you mean --color?); see paint wall --help"],
    [['postgres://u:hush@h/db'], "unknown command '***'; see paint --help"],
    [['wall', 'u:hush@h'], 'unexpected "***"; see paint wall --help'],
    [['wall', '--url=mongodb://h/?password=hush'], "unknown option '--url=***'; see paint wall --help"],
    [['wall', '@', '--url=mongodb://u:hush@h'], "unknown option '--url=***'; see paint wall --help"],
  ])('%j is refused: %s', (args, message) => {
    expect(read(args)).toEqual({ type: 'refused', message })
  })

  test('whatever the arguments are, it prints nothing, throws nothing, and refuses in one line', () => {
    const printed = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write'))
    const word = fc.constantFrom('wall', 'picture', 'show', '--color', '--help', '-h', '--', '-', 'help', '')
    const arg = fc.oneof(word, fc.string(), fc.string({ unit: fc.constantFrom(...'-h=@:/u\n') }))
    fc.assert(
      fc.property(fc.array(arg, { maxLength: 5 }), fc.boolean(), (some, misplaced) => {
        const parsed = read(misplaced ? [...some, '--url=mongodb://u:hush@h'] : some)
        if (parsed.type !== 'refused') return
        expect(parsed.message).toMatch(/^.+; see paint.* --help$/)
        expect(parsed.message).not.toContain('hush')
      }),
    )
    for (const write of printed) expect(write).not.toHaveBeenCalled()
    vi.restoreAllMocks()
  })
})
