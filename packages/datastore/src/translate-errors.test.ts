import { expect, test } from 'vitest'
import { translateErrors } from './translate-errors.ts'

class Translated extends Error {}

const store = {
  async rejects() {
    throw new Error('rejected')
  },
  throws(): Promise<number> {
    throw new Error('thrown')
  },
  async double(n: number) {
    return n * 2
  },
  async usesItself() {
    return (await this.double(2)) + 1
  },
}

const translating = translateErrors(store, (error) => new Translated(String(error)))

test('a rejection is translated', async () => {
  await expect(translating.rejects()).rejects.toThrow(new Translated('Error: rejected'))
  await expect(translating.rejects()).rejects.toBeInstanceOf(Translated)
})

test('what a method throws before its first await is translated, too, and rejects', async () => {
  await expect(translating.throws()).rejects.toBeInstanceOf(Translated)
})

test('results and parameters pass, and a method can call its neighbours', async () => {
  await expect(translating.double(21)).resolves.toBe(42)
  await expect(translating.usesItself()).resolves.toBe(5)
})
