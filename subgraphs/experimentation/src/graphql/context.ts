import type { ExperimentationStore } from '../datastore/port.ts'
import type { AssignmentService } from '../services/assignment-service.ts'
import type { ExperimentService } from '../services/experiment-service.ts'
import type { ExposureService } from '../services/exposure-service.ts'
import type { SnapshotService } from '../services/snapshot-service.ts'
import { createLoaders, type Loaders } from './loaders.ts'

export type GraphqlServices = {
  readonly assignments: AssignmentService
  readonly experiments: ExperimentService
  readonly exposures: ExposureService
}

/** What resolvers get: the services, and the loaders of this request alone. */
export type RequestContext = GraphqlServices & { readonly loaders: Loaders }

/** Makes the context of each request; it does no I/O. */
export function createContextFactory(dependencies: {
  services: GraphqlServices
  store: ExperimentationStore
  snapshots: SnapshotService
}): () => RequestContext {
  const { services, store, snapshots } = dependencies
  return () => ({ ...services, loaders: createLoaders({ store, snapshots }) })
}
