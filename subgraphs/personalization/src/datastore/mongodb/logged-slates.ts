import type { PersonalizationStore } from '../port.ts'
import { readCandidates } from '../stored-json.ts'
import { type Collections, readInteraction, readSlate } from './collections.ts'
import { LOGGED_INDEX } from './migrations.ts'

export function createMongoLoggedSlates({
  slates,
  interactions,
}: Pick<Collections, 'slates' | 'interactions'>): Pick<PersonalizationStore, 'scanLoggedSlates'> {
  return {
    async scanLoggedSlates({ after, limit }) {
      const documents = await slates
        .find({ logged: true, _id: { $gt: after ?? '' } }, { projection: { outbox: 0 } })
        .sort({ _id: 1 })
        .hint(LOGGED_INDEX)
        .limit(limit)
        .toArray()
      const userIds = [...new Set(documents.map(({ userId }) => userId))]
      const slateIds = documents.map(({ _id }) => _id)
      // Interactions have no index by slate, which every write would pay for.
      const found = await interactions
        .find({ userId: { $in: userIds }, slateId: { $in: slateIds } }, { projection: { outbox: 0 } })
        .sort({ _id: 1 })
        .toArray()
      const bySlate = Map.groupBy(found.map(readInteraction), ({ slateId }) => slateId)
      return documents.flatMap((document) =>
        document.candidates === undefined
          ? []
          : [
              {
                slate: readSlate(document),
                candidates: readCandidates(document.candidates),
                interactions: bySlate.get(document._id) ?? [],
              },
            ],
      )
    },
  }
}
