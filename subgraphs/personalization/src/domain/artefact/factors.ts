import { canonicalJson } from '@bulkhead/contracts'
import { z } from 'zod'
import { type Factors, gramOf, isSolvable } from '../ials/fold-in.ts'
import type { FactorsModelParts } from '../ials/model.ts'
import type { FoldInParameters } from '../ials/parameters.ts'
import type { ItemFactors } from '../ials/train.ts'
import { ArtefactError } from './artefact-error.ts'
import { ITEM_ID_TENSORS, itemIdTensors, readItemIds } from './item-ids.ts'
import { type ModelDescription, parseMetadataJson, toMetadata } from './model-description.ts'
import { type SafetensorsFile, type Tensor, writeSafetensors } from './safetensors.ts'
import { matrix, refuseOtherTensors } from './vectors.ts'

export const FACTORS = 'factors'

/** Serving solves a system of as many equations for each slate: more take tens of milliseconds. */
export const MAX_DIMENSIONS = 512

const ITEM_FACTORS = 'item.factors'
const ITEM_GRAM = 'item.gram'
/** What other trainers write beside the items'. Users are placed by their history, so these are not read. */
const USER_TENSORS = ['user.factors', 'user.ids', 'user.ids.offsets']
const TENSORS = [ITEM_FACTORS, ITEM_GRAM, ...ITEM_ID_TENSORS, ...USER_TENSORS]

const FOLD_IN = 'fold_in'
const foldInSchema = z.strictObject({
  unobserved_weight: z.number().positive(),
  regularization: z.number().positive(),
  frequency_exponent: z.number().min(0).max(2),
})

/** The artefact of kind factors, as docs/model-artefacts.md describes it: the same model gives the same bytes. */
export function encodeFactors(
  description: Omit<ModelDescription, 'kind'>,
  { itemIds, dimensions, values }: ItemFactors,
  { unobservedWeight, regularization, frequencyExponent }: FoldInParameters,
): Uint8Array {
  const gram = mirrored(gramOf({ dimensions, values }), dimensions)
  const tensors: [string, Tensor][] = [
    [ITEM_FACTORS, { dtype: 'F32', shape: [itemIds.length, dimensions], data: values }],
    [ITEM_GRAM, { dtype: 'F32', shape: [dimensions, dimensions], data: gram }],
    ...itemIdTensors(itemIds),
  ]
  const foldIn: z.infer<typeof foldInSchema> = {
    unobserved_weight: unobservedWeight,
    regularization,
    frequency_exponent: frequencyExponent,
  }
  const metadata = toMetadata({ kind: FACTORS, ...description })
  return writeSafetensors({
    metadata: new Map([...metadata, [FOLD_IN, canonicalJson(foldIn)]]),
    tensors: new Map(tensors),
  })
}

/**
 * What a file of this kind holds; the factors are a view into it.
 * @throws ArtefactError that names the first thing which is not as docs/model-artefacts.md has it
 */
export function readFactors(file: SafetensorsFile): FactorsModelParts {
  refuseOtherTensors(file, TENSORS)
  const itemIds = readItemIds(file)
  const { rows, columns: dimensions, data: values } = matrix(file, ITEM_FACTORS)
  if (rows !== itemIds.length) {
    throw new ArtefactError(`"${ITEM_FACTORS}" has ${rows} rows for ${itemIds.length} items`)
  }
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
    throw new ArtefactError(`"${ITEM_FACTORS}" has ${dimensions} columns, of 1 to ${MAX_DIMENSIONS} allowed`)
  }
  refuseInfinite(ITEM_FACTORS, values)
  const foldIn = readFoldIn(file)
  const factors = { itemIds, dimensions, values }
  const gram = readGram(file, factors)
  if (!isSolvable(factors, gram, foldIn)) {
    throw new ArtefactError(
      `"${ITEM_GRAM}" is no sum of squares of factors that listeners could be placed with`,
    )
  }
  return { factors, gram, foldIn, clusters: null }
}

function readGram(file: SafetensorsFile, factors: Factors): Float64Array {
  if (!file.tensors.has(ITEM_GRAM)) return gramOf(factors)
  const { dimensions } = factors
  const { rows, columns, data } = matrix(file, ITEM_GRAM)
  if (rows !== dimensions || columns !== dimensions) {
    throw new ArtefactError(`"${ITEM_GRAM}" has shape [${rows},${columns}] for factors of ${dimensions}`)
  }
  refuseInfinite(ITEM_GRAM, data)
  return Float64Array.from(data)
}

function readFoldIn(file: SafetensorsFile): FoldInParameters {
  const parsed = foldInSchema.safeParse(parseMetadataJson(file.metadata.get(FOLD_IN)))
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'is unreadable' }
    throw new ArtefactError(`its metadata "${[FOLD_IN, ...path].join('.')}": ${message}`)
  }
  const { unobserved_weight, regularization, frequency_exponent } = parsed.data
  return { unobservedWeight: unobserved_weight, regularization, frequencyExponent: frequency_exponent }
}

function refuseInfinite(name: string, values: Float32Array): void {
  for (const value of values) {
    if (!Number.isFinite(value)) throw new ArtefactError(`"${name}" holds ${value}, which is not finite`)
  }
}

/** Both halves, as whoever reads the file expects of a symmetric matrix. */
function mirrored(lower: Float64Array, size: number): Float32Array {
  const whole = new Float32Array(size * size)
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      const cell = lower[row * size + column] ?? 0
      whole[row * size + column] = cell
      whole[column * size + row] = cell
    }
  }
  return whole
}
