import {
  type Assignment,
  type AssignmentSnapshot,
  assign,
  identifierSchema,
  type JsonObject,
  jsonObjectSchema,
} from '@bulkhead/contracts'
import { COMMON_ERRORS, serviceError } from '@bulkhead/service/errors'
import { type SnapshotService, unknownSnapshotVersion } from './snapshot-service.ts'

export type AssignmentRequest = {
  readonly unit: string
  /** The attributes for targeting; null for none. */
  readonly attributes: unknown
  /** Null for the newest. */
  readonly snapshotVersion: number | null
}

type EvaluatedAssignments = {
  readonly snapshot: AssignmentSnapshot
  readonly assignments: readonly Assignment[]
}

export type AssignmentService = {
  /**
   * The assignments of a unit: a pure function of snapshot, unit and attributes.
   * @throws ServiceError BAD_USER_INPUT or UNKNOWN_SNAPSHOT_VERSION
   */
  assignmentsOf(request: AssignmentRequest): Promise<EvaluatedAssignments>
}

/** The limit of personalization, so that every assignment that was served can be evaluated again. */
const MAX_ATTRIBUTES_LENGTH = 4_096

export function createAssignmentService(options: {
  readonly snapshots: Pick<SnapshotService, 'current' | 'byVersions'>
}): AssignmentService {
  const { snapshots } = options

  async function snapshotOf(version: number | null): Promise<AssignmentSnapshot> {
    if (version === null) return snapshots.current().snapshot
    const published = version < 1 ? undefined : (await snapshots.byVersions([version])).get(version)
    if (published === undefined) throw unknownSnapshotVersion(version)
    return published.snapshot
  }

  return {
    async assignmentsOf({ unit, attributes, snapshotVersion }) {
      const units = { userId: readUnit(unit) }
      const read = readAttributes(attributes)
      const snapshot = await snapshotOf(snapshotVersion)
      return { snapshot, assignments: assign(snapshot, units, read) }
    },
  }
}

function readUnit(unit: string): string {
  const parsed = identifierSchema.safeParse(unit)
  if (parsed.success) return parsed.data
  throw serviceError(COMMON_ERRORS.BAD_USER_INPUT, '`unit` must be 1 to 256 characters of well-formed text.')
}

function readAttributes(attributes: unknown): JsonObject {
  if (attributes === null) return {}
  const parsed = jsonObjectSchema.safeParse(attributes)
  if (parsed.success && JSON.stringify(parsed.data).length <= MAX_ATTRIBUTES_LENGTH) return parsed.data
  throw serviceError(
    COMMON_ERRORS.BAD_USER_INPUT,
    `\`attributes\` must be a JSON object of at most ${MAX_ATTRIBUTES_LENGTH} characters.`,
  )
}
