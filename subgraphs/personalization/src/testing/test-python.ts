import { spawnSync } from 'node:child_process'

export type TestPython =
  | { readonly kind: 'found'; readonly path: string }
  | { readonly kind: 'skipped'; readonly reason: string }

const PACKAGES = 'safetensors and numpy'

/**
 * A Python that has safetensors and numpy: TEST_PYTHON, else python3 on the PATH if it has both.
 * @throws where TEST_PYTHON names one that has not: whoever sets it wants these tests to run
 */
export function findTestPython(): TestPython {
  const wanted = process.env.TEST_PYTHON
  const path = wanted || 'python3'
  const { status, stderr, error } = spawnSync(path, ['-c', 'import numpy, safetensors.numpy'], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  if (status === 0) return { kind: 'found', path }
  const problem = error?.message ?? stderr.trim().split('\n').at(-1) ?? ''
  if (wanted) throw new Error(`TEST_PYTHON=${wanted} has no ${PACKAGES}: ${problem}`)
  return {
    kind: 'skipped',
    reason: `Python tests SKIPPED: python3 has no ${PACKAGES} (${problem}); \`pip install safetensors numpy\`, or set TEST_PYTHON to a Python that has them`,
  }
}
