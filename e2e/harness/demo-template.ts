import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DevelopmentSecrets, generateDevelopmentSecrets } from '@bulkhead/dev/secrets'
import type { TestProject } from 'vitest/node'
import { loadDemo, sqliteUrls } from './demo.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The loaded demo on SQLite, which each stack copies, and the secrets that its data belongs to. */
    demoTemplate: { readonly folder: string; readonly secrets: DevelopmentSecrets }
  }
}

/** Loads the demo once for all files, because it takes longer than most tests. */
// biome-ignore lint/style/noDefaultExport: Vitest calls it before the first file, and what it returns after the last.
export default async function prepareDemoTemplate(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-e2e-demo-'))
  const secrets = generateDevelopmentSecrets()
  await loadDemo(sqliteUrls(folder), secrets)
  project.provide('demoTemplate', { folder, secrets })
  return () => rmSync(folder, { recursive: true, force: true })
}
