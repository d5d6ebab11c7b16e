import { randomBytes } from 'node:crypto'
import { createSlateId, SLATE_ID_RANDOM_BYTES } from '@bulkhead/contracts'
import type { PersonalizationStore } from '@bulkhead/personalization/datastore/port'
import { servingEvents } from '@bulkhead/personalization/domain/exposure-events'
import type { Slate, SlateAssignment } from '@bulkhead/personalization/domain/slate'
import type { GraphqlServices } from '@bulkhead/personalization/graphql/context'
import { itemAt, itemIdAt } from './catalogue.ts'
import { SLATE_ITEMS } from './slate-request.ts'

const ITEMS = new Map(Array.from({ length: SLATE_ITEMS }, (_, n) => [itemIdAt(n), itemAt(n)]))

/** As long as a real one under one experiment. */
const EXPOSURE_CONTEXT = 'x'.repeat(300)
const UUID = '00000000-0000-7000-8000-000000000000'

const SLATE: Omit<Slate, 'userId'> = {
  id: UUID,
  surface: 'home',
  createdAt: 0,
  items: [...ITEMS.keys()].map((itemId) => ({
    itemId,
    score: 0.123_456_789_012_345,
    source: 'model',
    propensity: 1,
    reason: { kind: 'BECAUSE_OF_ITEM', itemId, text: 'Because you chose “Track 12345 of the catalogue”' },
  })),
  servedBy: {
    rung: 'MODEL',
    cause: null,
    sources: [{ name: 'model', outcome: 'ANSWERED', candidates: 80, items: ITEMS.size }],
    modelShare: 1,
  },
  modelVersionId: null,
  snapshotVersion: 1,
  attributes: null,
  assignments: [],
  exposureContext: EXPOSURE_CONTEXT,
  policy: { id: 'constant', seed: '0'.repeat(32), candidatesHash: '0'.repeat(64), candidateWidth: 80 },
  producer: null,
}

const ASSIGNMENT: Omit<SlateAssignment, 'unit'> = {
  experimentKey: 'home-ranking',
  experimentVersion: 1,
  variantKey: 'treatment',
  forced: false,
  applied: true,
  exposure: 'ON_SERVE',
}

function absent(): never {
  throw new Error('the bench asks for slates only')
}

/**
 * What the resolvers call, answered from memory: each user gets the same slate.
 * @param store where each slate is kept with one exposure before it is answered; null for none
 */
export function constantServices(store: Pick<PersonalizationStore, 'saveSlate'> | null): GraphqlServices {
  async function recommend({ userId }: Pick<Slate, 'userId'>): Promise<Slate> {
    if (store === null) return { ...SLATE, userId }
    const assignments = [{ ...ASSIGNMENT, unit: userId }]
    const now = Date.now()
    const id = createSlateId({ unit: userId, now, random: randomBytes(SLATE_ID_RANDOM_BYTES) })
    const slate = { ...SLATE, id, userId, createdAt: now, assignments }
    await store.saveSlate(slate, servingEvents(slate, 'constant'))
    return slate
  }

  return {
    recommendations: { recommend, similarItems: absent },
    erasures: { erase: absent },
    interactions: { recordInteractions: absent },
    modelPath: { register: absent, promote: absent, rollback: absent, nextSteps: absent, switchOff: absent },
    qaOverrides: { read: () => [] },
    reader: {
      itemInMemory: (id) => ITEMS.get(id),
      modelVersionInMemory: () => undefined,
      items: absent,
      modelEvaluations: absent,
      modelVersions: absent,
      slates: absent,
      shadowReports: absent,
      canaryReports: absent,
      findItems: absent,
      countItems: absent,
      findInteractions: absent,
      findModelVersions: absent,
      countModelVersions: absent,
    },
  }
}
