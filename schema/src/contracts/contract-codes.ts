import type { Grade } from '../model/finding.ts'

/** What can be said of contracts: for each code, why it has its grade, and what to do about it. */
export const CONTRACT_CODES = {
  CONTRACT_ADDED: {
    grades: { SAFE: 'Nobody sends or reads it yet.' },
    advice: 'Nothing.',
  },
  CONTRACT_CHANGED: {
    grades: { SAFE: 'What old senders send the new readers can read, and the reverse.' },
    advice: 'Nothing.',
  },
  CONTRACT_REMOVED: {
    grades: { BREAKING: 'Nothing holds any more what those who send or read such messages rely on.' },
    advice: 'Remove it after its last sender and reader, with an approval.',
  },
  OLD_CONTRACT_UNREADABLE: {
    grades: {
      DANGEROUS: 'Without the schema of the base nothing can be said of messages that were sent by it.',
    },
    advice: 'Compare by hand what the contract was with what it is.',
  },
  OLD_MESSAGE_UNREADABLE: {
    grades: {
      BREAKING:
        'Messages of senders that were not released yet, or that wait in a queue, are refused by new readers.',
    },
    advice: 'Accept what was valid before: make what is new optional, and keep what was there.',
  },
  NEW_MESSAGE_UNREADABLE: {
    grades: { BREAKING: 'New senders send what readers that were not released yet refuse.' },
    advice: 'Release the readers first, and have this approved until they are.',
  },
  OLD_MESSAGE_UNDECIDED: {
    grades: {
      DANGEROUS:
        'The change is beyond what can be compared, so new readers may refuse messages of old senders.',
    },
    advice: 'Look at the change, or write it with keywords that can be compared.',
  },
  NEW_MESSAGE_UNDECIDED: {
    grades: {
      DANGEROUS:
        'The change is beyond what can be compared, so old readers may refuse messages of new senders.',
    },
    advice: 'Look at the change, or write it with keywords that can be compared.',
  },
  EXPERIMENT_PAYLOAD_INVALID: {
    grades: {
      ERROR:
        'Units of a running experiment would get the default instead of the variant that they are counted for.',
    },
    advice: 'Keep the schema open for the payload, or end the experiment first.',
  },
} as const satisfies Record<
  string,
  { readonly grades: Partial<Record<Grade, string>>; readonly advice: string }
>
export type ContractCode = keyof typeof CONTRACT_CODES
