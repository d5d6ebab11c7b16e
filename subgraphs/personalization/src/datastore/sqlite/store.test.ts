import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { describePersonalizationStore } from '../testing/conformance.ts'

const folder = mkdtempSync(join(tmpdir(), 'personalization-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describePersonalizationStore(
  'the personalization store on sqlite',
  (database) => `sqlite:${folder}/${database}.db`,
)
