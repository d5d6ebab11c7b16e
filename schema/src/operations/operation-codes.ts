import type { Grade } from '../model/finding.ts'

/** What can happen to known operations: for each code, why it has each of its grades, and what to do about it. */
export const OPERATION_CODES = {
  OPERATION_INVALID: {
    grades: {
      BREAKING: 'It was valid before, and is refused now.',
      ERROR: 'It is refused, and this change does not explain it: the document itself may be new.',
    },
    advice: 'Bring back what the operation uses, or wait until no client sends it.',
  },
  OPERATION_ALREADY_INVALID: {
    grades: { WARNING: 'Clients send it, and it was refused before this change too.' },
    advice: 'Mend it in the client.',
  },
  OPERATION_NOT_PLANNABLE: {
    grades: { ERROR: 'It is valid, but no plan gets its fields from the subgraphs.' },
    advice: 'Report it to those who maintain the composition: what composes should be plannable.',
  },
  OPERATION_NEEDS_SUBGRAPH: {
    grades: {
      DANGEROUS: 'It is as available as all of its subgraphs together, and now one more of them must answer.',
    },
    advice:
      'Keep what the operation reads in the subgraphs that it had, or accept that it depends on another.',
  },
  OPERATION_ROUND_TRIP_ADDED: {
    grades: { DANGEROUS: 'Fetches that wait for each other add up their times.' },
    advice:
      'Let the subgraph that is asked first resolve the fields, as with `@provides` or a key that suffices.',
  },
} as const satisfies Record<
  string,
  { readonly grades: Partial<Record<Grade, string>>; readonly advice: string }
>

export type OperationCode = keyof typeof OPERATION_CODES
