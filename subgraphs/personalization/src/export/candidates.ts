import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { loggedSlatePages } from '../datastore/logged-slate-pages.ts'
import type { LoggedSlate, PersonalizationStore } from '../datastore/port.ts'
import { rewardOf } from '../domain/off-policy/logged-decisions.ts'
import { beginFolder } from './folder.ts'

const FILE = 'candidates.jsonl'

/**
 * Writes the slates that keep their candidates to one file of JSON lines, in the order of their ids. The file gets its
 * name when it is complete and durable.
 * @returns how many slates, and the names of the files
 * @throws ExportRefusedError where the folder holds anything
 */
export async function exportCandidates(options: {
  readonly store: Pick<PersonalizationStore, 'scanLoggedSlates'>
  readonly folder: string
  readonly onProgress: (slates: number) => void
}): Promise<{ readonly slates: number; readonly files: readonly string[] }> {
  const { store, folder, onProgress } = options
  const { unfinished, finish } = beginFolder(folder)
  const handle = await open(join(unfinished, FILE), 'w')
  let slates = 0
  try {
    for await (const page of loggedSlatePages(store)) {
      await handle.appendFile(page.map((logged) => `${JSON.stringify(lineOf(logged))}\n`).join(''))
      slates += page.length
      onProgress(slates)
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  finish([FILE])
  return { slates, files: [FILE] }
}

/** All that an estimator needs of a slate: context, what was served with propensities and rewards, and the candidates. */
function lineOf({ slate, candidates, interactions }: LoggedSlate) {
  const { id, userId, surface, createdAt, attributes, modelVersionId, assignments, policy, items } = slate
  return {
    slateId: id,
    userId,
    surface,
    createdAt: new Date(createdAt).toISOString(),
    attributes,
    modelVersionId,
    assignments,
    policy,
    items: items.map(({ itemId, score, source, propensity }, position) => ({
      position,
      itemId,
      score,
      source,
      propensity,
      reward: rewardOf(itemId, interactions),
    })),
    interactions: interactions.map(({ eventId, itemId, type, value, occurredAt }) => ({
      eventId,
      itemId,
      type,
      value,
      occurredAt: new Date(occurredAt).toISOString(),
    })),
    ...candidates,
  }
}
