import type { Erasure, OpenErasure } from '../domain/erasure.ts'
import type { ErasedRows } from './port.ts'

export const NOTHING_ERASED: ErasedRows = { interactions: 0, slates: 0, deadLetters: 0 }

/** A finished erasure has forgotten its user. */
export function isOpen(erasure: Erasure): erasure is OpenErasure {
  return erasure.userId !== null
}
