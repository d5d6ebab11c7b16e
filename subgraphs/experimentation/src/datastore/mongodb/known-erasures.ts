import type { ClientSession, MongoClient } from '@bulkhead/datastore/mongodb/open'
import { type ErasedInstants, unitHash } from '../../domain/erasure.ts'
import type { Collections } from './collections.ts'

/**
 * Answers which units of a batch are erased from a copy of the registry. Asking the registry itself about each unit of each
 * batch was a tenth of the work of ingest.
 *
 * The mark says whether the copy is good: an erasure is recorded in the registry, then the mark is raised, and only then
 * are events erased (`markErasures`). A copy is read after its mark was. So while the mark is the same, the copy has
 * every erasure whose events may have been looked for already.
 */
export type KnownErasures = {
  /** Those of the units that are erased. With a session, every erasure that had begun when the session did its last write. */
  find(units: Iterable<string | null>, session?: ClientSession): Promise<ErasedInstants>
}

type Copy = { readonly mark: number; readonly instants: ReadonlyMap<string, number> }

/** Upper bound on a copy, which then takes about 15 MB. A longer registry is asked. */
const MAX_UNITS = 100_000
/** So that erasures that come one after another do not make a copy each. */
const QUESTIONS_BEFORE_COPY = 20

export function createKnownErasures(
  client: MongoClient,
  collections: Pick<Collections, 'erasures' | 'erasureMark'>,
): KnownErasures {
  let copy: Copy | null = null
  let questions = QUESTIONS_BEFORE_COPY

  async function makeCopy(): Promise<void> {
    questions = 0
    copy = null
    if ((await collections.erasures.estimatedDocumentCount()) > MAX_UNITS) return
    await client.withSession({ causalConsistency: true }, async (session) => {
      const mark = await readMark(collections, session)
      const found = await collections.erasures.find({}, { projection: { occurredAt: 1 }, session }).toArray()
      copy = { mark, instants: new Map(found.map(({ _id, occurredAt }) => [_id, occurredAt])) }
    })
  }

  return {
    async find(units, session) {
      const known = copy
      if (known !== null && (await readMark(collections, session)) === known.mark) return lookUp(known, units)
      questions += 1
      const erased = await findErased(collections, hashUnits(units), session)
      if (questions >= QUESTIONS_BEFORE_COPY) await makeCopy()
      return erased
    },
  }
}

async function readMark(
  { erasureMark }: Pick<Collections, 'erasureMark'>,
  session?: ClientSession,
): Promise<number> {
  const mark = await erasureMark.findOne({}, session === undefined ? {} : { session })
  return mark?.raised ?? 0
}

function lookUp({ instants }: Copy, units: Iterable<string | null>): ErasedInstants {
  if (instants.size === 0) return instants
  const erased = new Map<string, number>()
  for (const [hash, unit] of hashUnits(units)) {
    const instant = instants.get(hash)
    if (instant !== undefined) erased.set(unit, instant)
  }
  return erased
}

/** Units by the hash that an erasure goes by. */
type UnitsByHash = ReadonlyMap<string, string>

function hashUnits(units: Iterable<string | null>): UnitsByHash {
  const byHash = new Map<string, string>()
  for (const unit of new Set(units)) if (unit !== null) byHash.set(unitHash(unit), unit)
  return byHash
}

/** Those of the units that are erased. */
async function findErased(
  { erasures }: Pick<Collections, 'erasures'>,
  byHash: UnitsByHash,
  session?: ClientSession,
): Promise<ErasedInstants> {
  if (byHash.size === 0) return new Map()
  const found = await erasures
    .find(
      { _id: { $in: [...byHash.keys()] } },
      { projection: { occurredAt: 1 }, batchSize: byHash.size + 1, ...(session && { session }) },
    )
    .toArray()
  return new Map(found.map(({ _id, occurredAt }) => [byHash.get(_id) ?? '', occurredAt]))
}
