/**
 * A WebAssembly module with one function, written in its binary format here because nothing is built. As text:
 *
 *     (import "bulkhead" "memory" (memory 5 5))
 *     (func (export "multiply") (param $rows i32) (param $count i32) (param $width i32) (param $target i32))
 *
 * `$rows` is the address of `$count` rows, at least one, of `$width` 16-bit numbers each, a multiple of 16 above 0. The query
 * stands at address 0, as such numbers. The product of each row with the query is written to `$target`, as a 32-bit number.
 * All numbers are whole and signed, so that no product is rounded.
 */

// The parameters, and after them the function's variables.
const [ROWS, COUNT, WIDTH, TARGET, QUERY, LEFT, SUMS] = [0, 1, 2, 3, 4, 5, 6]

const I32 = 0x7f
const V128 = 0x7b
const LOOP = [0x03, 0x40]
const END = 0x0b
/** Back to the start of the loop around it. */
const BRANCH_IF = [0x0d, 0]
const I32_ADD = 0x6a
const I32_SUBTRACT = 0x6b
/** The last two numbers of loads and stores are the binary logarithm of the alignment, and an offset. */
const I32_STORE = [0x36, 2, 0]
const LOAD_16_BYTES = [0xfd, 0x00, 4, 0]
const LOAD_NEXT_16_BYTES = [0xfd, 0x00, 4, 16]
const ZERO_VECTOR = [0xfd, 0x0c, ...new Array<number>(16).fill(0)]
/** Four 32-bit numbers of twice eight 16-bit ones: products of pairs, and of each two of these the sum. */
const MULTIPLY_PAIRS = [0xfd, 0xba, 0x01]
const ADD_VECTORS = [0xfd, 0xae, 0x01]

const VARIABLES = [2, 2, I32, 1, V128]

const MULTIPLY = [
  ...LOOP,
  ...[...number(0), ...set(QUERY)],
  ...[...get(WIDTH), ...set(LEFT)],
  ...[...ZERO_VECTOR, ...set(SUMS)],
  ...LOOP,
  ...get(SUMS),
  ...[...get(ROWS), ...LOAD_16_BYTES, ...get(QUERY), ...LOAD_16_BYTES, ...MULTIPLY_PAIRS, ...ADD_VECTORS],
  ...[...get(ROWS), ...LOAD_NEXT_16_BYTES, ...get(QUERY), ...LOAD_NEXT_16_BYTES],
  ...[...MULTIPLY_PAIRS, ...ADD_VECTORS, ...set(SUMS)],
  ...[...add(ROWS, 32), ...add(QUERY, 32)],
  ...[...subtract(LEFT, 16), ...BRANCH_IF],
  END,
  ...[...get(TARGET), ...lane(0), ...lane(1), I32_ADD, ...lane(2), I32_ADD, ...lane(3), I32_ADD],
  ...I32_STORE,
  ...add(TARGET, 4),
  ...[...subtract(COUNT, 1), ...BRANCH_IF],
  ...[END, END],
]

export const PRODUCTS_KERNEL = Uint8Array.from([
  ...[...Buffer.from('\0asm'), 1, 0, 0, 0],
  // Types: a function of four i32 that returns nothing.
  ...[1, ...sized([1, 0x60, 4, I32, I32, I32, I32, 0])],
  // Imports: a memory of five pages, no more and no less.
  ...[2, ...sized([1, ...text('bulkhead'), ...text('memory'), 2, 1, 5, 5])],
  // Functions: one, of type 0.
  ...[3, ...sized([1, 0])],
  // Exports: function 0.
  ...[7, ...sized([1, ...text('multiply'), 0, 0])],
  ...[10, ...sized([1, ...sized([...VARIABLES, ...MULTIPLY])])],
])

function get(variable: number): number[] {
  return [0x20, variable]
}

function set(variable: number): number[] {
  return [0x21, variable]
}

/** Sets it and leaves the value where it was. */
function tee(variable: number): number[] {
  return [0x22, variable]
}

/** @param value below 64, so that one byte holds it */
function number(value: number): number[] {
  return [0x41, value]
}

function add(variable: number, value: number): number[] {
  return [...get(variable), ...number(value), I32_ADD, ...set(variable)]
}

/** Also leaves the result on the stack. */
function subtract(variable: number, value: number): number[] {
  return [...get(variable), ...number(value), I32_SUBTRACT, ...tee(variable)]
}

/** One of the four sums. */
function lane(index: number): number[] {
  return [...get(SUMS), 0xfd, 0x1b, index]
}

/** A length, in seven bits a byte. */
function length(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...length(value >>> 7)]
}

function sized(bytes: readonly number[]): number[] {
  return [...length(bytes.length), ...bytes]
}

function text(characters: string): number[] {
  return sized([...Buffer.from(characters)])
}
