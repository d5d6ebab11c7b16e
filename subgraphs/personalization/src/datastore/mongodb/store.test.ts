import { describeOnMongo } from '@bulkhead/datastore/testing/describe-on-mongodb'
import { describePersonalizationStore } from '../testing/conformance.ts'

describeOnMongo('the personalization store', (mongo) => {
  describePersonalizationStore('conformance', (database) => mongo().url(database))
})
