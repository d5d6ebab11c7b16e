import { ArtefactError } from './artefact-error.ts'
import type { Dtype, SafetensorsFile, Tensor, TensorOf } from './safetensors.ts'

/** So that positions fit into a Uint32Array. */
const MAX_OFFSET = 2 ** 32 - 1

/** The elements of a tensor that must be there, of this type and of one dimension. */
export function vector<D extends Dtype>(file: SafetensorsFile, name: string, dtype: D): TensorOf<D>['data'] {
  const tensor = required(file, name, dtype)
  if (tensor.shape.length !== 1) {
    throw new ArtefactError(`tensor "${name}" has shape [${tensor.shape}], and must have one dimension`)
  }
  return tensor.data
}

/** Numbers in rows, one row behind the other. */
export type Matrix = { readonly rows: number; readonly columns: number; readonly data: Float32Array }

/** A tensor that must be there, of F32 and of two dimensions. */
export function matrix(file: SafetensorsFile, name: string): Matrix {
  const { shape, data } = required(file, name, 'F32')
  const [rows, columns] = shape
  if (rows === undefined || columns === undefined || shape.length > 2) {
    throw new ArtefactError(`tensor "${name}" has shape [${shape}], and must have two dimensions`)
  }
  return { rows, columns, data }
}

function required<D extends Dtype>(file: SafetensorsFile, name: string, dtype: D): TensorOf<D> {
  const tensor = file.tensors.get(name)
  if (tensor === undefined) throw new ArtefactError(`tensor "${name}" is missing`)
  if (!isOf(tensor, dtype))
    throw new ArtefactError(`tensor "${name}" is of ${tensor.dtype}, and must be of ${dtype}`)
  return tensor
}

function isOf<D extends Dtype>(tensor: Tensor, dtype: D): tensor is Tensor & TensorOf<D> {
  return tensor.dtype === dtype
}

/** A misspelt tensor must not be taken for an absent one. */
export function refuseOtherTensors(file: SafetensorsFile, known: readonly string[]): void {
  for (const name of file.tensors.keys()) {
    if (!known.includes(name)) throw new ArtefactError(`tensor "${name}" is not part of its kind`)
  }
}

/**
 * Where n lists that stand one behind the other begin and end: list i is `[offsets[i], offsets[i + 1])`. They start
 * at 0, never fall, and end at `length`, the number of elements that the lists share out.
 */
export function readOffsets(file: SafetensorsFile, name: string, length: number): Uint32Array {
  const values = vector(file, name, 'I64')
  if (length > MAX_OFFSET) throw new ArtefactError(`"${name}" would run to ${length}, beyond ${MAX_OFFSET}`)
  if (values[0] !== 0n) throw new ArtefactError(`"${name}" does not begin with 0`)
  const offsets = new Uint32Array(values.length)
  let previous = 0n
  for (const [index, value] of values.entries()) {
    if (value < previous) throw new ArtefactError(`"${name}" falls from ${previous} to ${value} at ${index}`)
    offsets[index] = Number(value)
    previous = value
  }
  // None is larger than the last one, so none was cut off above.
  if (previous !== BigInt(length))
    throw new ArtefactError(`"${name}" ends at ${previous}, and not at ${length}`)
  return offsets
}

export function offsetsTensor(offsets: Uint32Array): Tensor {
  return { dtype: 'I64', shape: [offsets.length], data: BigInt64Array.from(offsets, BigInt) }
}
