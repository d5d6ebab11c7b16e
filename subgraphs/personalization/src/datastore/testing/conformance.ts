import { describe } from 'vitest'
import { describeCanary } from './conformance-canary.ts'
import { describeCatalogue } from './conformance-catalogue.ts'
import { describeDeadLetters } from './conformance-dead-letters.ts'
import { describeDurability } from './conformance-durability.ts'
import { describeErasure } from './conformance-erasure.ts'
import { describeInteractions } from './conformance-interactions.ts'
import { describeLoggedSlates } from './conformance-logged-slates.ts'
import { describeModels } from './conformance-models.ts'
import { describeOutbox } from './conformance-outbox.ts'
import { describeOutboxModel } from './conformance-outbox-model.ts'
import { describePopularity } from './conformance-popularity.ts'
import { describeServingHistory } from './conformance-serving-history.ts'
import { describeShadow } from './conformance-shadow.ts'
import { describeSlatesAndSnapshot } from './conformance-slates-and-snapshot.ts'

/**
 * What every adapter of `PersonalizationStore` must do; an adapter's test runs it and adds only what is its own.
 *
 * @param urlOf the URL of an empty database of that name; the same name gives the same database
 */
export function describePersonalizationStore(name: string, urlOf: (database: string) => string): void {
  describe(name, () => {
    describeCatalogue(urlOf)
    describeInteractions(urlOf)
    describePopularity(urlOf)
    describeServingHistory(urlOf)
    describeSlatesAndSnapshot(urlOf)
    describeLoggedSlates(urlOf)
    describeModels(urlOf)
    describeShadow(urlOf)
    describeCanary(urlOf)
    describeOutbox(urlOf)
    describeOutboxModel(urlOf)
    describeDeadLetters(urlOf)
    describeErasure(urlOf)
    describeDurability(urlOf)
  })
}
