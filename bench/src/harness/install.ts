import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const TIMEOUT_MS = 600_000
const SHOWN_ERROR = 400

/** Installs packages into a folder outside the repository, once. Null when they are there, else why not. */
export async function installPackages(
  folder: string,
  packages: readonly string[],
  npmEnvironment: NodeJS.ProcessEnv,
): Promise<string | null> {
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return null
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const args = ['install', '--save-exact', '--ignore-scripts', '--no-audit', '--no-fund', ...packages]
  try {
    await promisify(execFile)('npm', args, { cwd: folder, env: npmEnvironment, timeout: TIMEOUT_MS })
  } catch (error) {
    return `npm could not install it: ${String(error).replaceAll(/\s+/g, ' ').slice(0, SHOWN_ERROR)}`
  }
  writeFileSync(complete, '')
  return null
}
