import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findTestPython } from '../../testing/test-python.ts'
import { withReasons } from '../../testing/with-reasons.ts'
import { decodeModel } from '../recommendation-model.ts'
import { encodeItemNeighbours, readItemNeighbours } from './item-neighbours.ts'
import { parseDescription } from './model-description.ts'
import { readSafetensors } from './safetensors.ts'

const GUIDE = new URL('../../../../../docs/model-artefacts.md', import.meta.url)
const FILE = 'model.safetensors'

/** Prints what Python finds in the file, and writes the same content to another one. */
const READ_AND_COPY = `
import json
from safetensors import safe_open
from safetensors.numpy import save_file

with safe_open("${FILE}", framework="numpy") as file:
    metadata = file.metadata()
    tensors = {name: file.get_tensor(name) for name in file.keys()}
ids, ends = tensors["item.ids"].tobytes(), tensors["item.ids.offsets"]
print(json.dumps({
    "metadata": metadata,
    "tensors": {name: [str(one.dtype), one.tolist()] for name, one in tensors.items()},
    "ids": [ids[ends[i]:ends[i + 1]].decode() for i in range(len(ends) - 1)],
}))
save_file(tensors, "copy.safetensors", metadata=metadata)
`

const python = findTestPython()

describe('model artefacts in Python', () => {
  if (python.kind === 'skipped') {
    console.warn(python.reason)
    test.skip(python.reason)
    return
  }
  const { path } = python
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bulkhead-python-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function run(script: string): string {
    const { status, stdout, stderr } = spawnSync(path, ['-c', script], {
      cwd: folder,
      encoding: 'utf8',
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    return stdout
  }

  test('the safetensors package reads ours, and what it writes of it is the same model to us', () => {
    const lists = {
      itemIds: ['a', 'é', '日本', '🎵'],
      starts: Uint32Array.of(0, 2, 2, 4, 5),
      neighbours: Int32Array.of(1, 2, 0, 3, 0),
      similarities: Float32Array.of(0.5, -0.25, 1.5, 0.125, -2),
    }
    const description = { algorithm: 'signed', parameters: { lambda: 500 }, trainingFingerprint: 'f00d' }
    writeFileSync(join(folder, FILE), encodeItemNeighbours(description, lists))
    const found: unknown = JSON.parse(run(READ_AND_COPY))
    expect(found).toEqual({
      metadata: {
        kind: 'item-neighbours',
        format_version: '1',
        algorithm: 'signed',
        parameters: '{"lambda":500}',
        training_fingerprint: 'f00d',
      },
      tensors: {
        'neighbours.indptr': ['int64', [0, 2, 2, 4, 5]],
        'neighbours.indices': ['int32', [1, 2, 0, 3, 0]],
        'neighbours.weights': ['float32', [0.5, -0.25, 1.5, 0.125, -2]],
        'item.ids': ['uint8', [...new TextEncoder().encode('aé日本🎵')]],
        'item.ids.offsets': ['int64', [0, 1, 3, 9, 13]],
      },
      ids: lists.itemIds,
    })
    const copy = readSafetensors(readFileSync(join(folder, 'copy.safetensors')))
    expect(readItemNeighbours(copy)).toEqual(lists)
    expect(parseDescription(copy.metadata)).toEqual({ kind: 'item-neighbours', ...description })
  })

  test('the examples of docs/model-artefacts.md write models that recommend', () => {
    const examples = readFileSync(GUIDE, 'utf8').matchAll(/```python\n(.*?)```/gs)
    run([...examples].map(([, code]) => code).join('\n'))
    const byNeighbours = decodeModel(readFileSync(join(folder, FILE)))
    expect(byNeighbours.algorithm).toBe('by hand')
    const history = [{ itemId: 'blue', weight: 1 }]
    expect(withReasons(byNeighbours.recommend(history, 10))).toEqual([
      { itemId: 'green', score: 0.5, becauseOf: 'blue' },
      { itemId: 'красный', score: 0.25, becauseOf: 'blue' },
    ])
    const byFactors = decodeModel(readFileSync(join(folder, 'factors.safetensors')))
    expect(withReasons(byFactors.recommend(history, 10))).toMatchObject([
      { itemId: 'green', becauseOf: 'blue' },
      { itemId: 'красный', becauseOf: null },
    ])
  })
})
