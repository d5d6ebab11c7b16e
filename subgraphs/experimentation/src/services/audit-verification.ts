import type { ExperimentationStore } from '../datastore/port.ts'
import { type AuditProblem, createAuditVerifier, type StoredSubject } from '../domain/audit/verify.ts'

const PAGE = 200
/** How often what is stored is read again, where changes arrive meanwhile. */
const MAX_READINGS = 20

export type AuditVerification = {
  /** How many entries the log has. */
  readonly entries: number
  /** In the order of the log; empty where it is intact. */
  readonly problems: readonly AuditProblem[]
}

/**
 * Replays the whole audit log and compares its end with every experiment and metric that is stored. Only reads, and may
 * run beside a service that writes.
 * @throws Error if changes arrive so fast that the log and what is stored are never at the same point
 */
export async function verifyAudit(
  store: Pick<
    ExperimentationStore,
    'changeHead' | 'findAuditEntries' | 'findExperiments' | 'findMetrics' | 'targetingDefinitions'
  >,
): Promise<AuditVerification> {
  const verifier = createAuditVerifier()

  async function readToEnd(): Promise<void> {
    for (;;) {
      const after = verifier.head().sequence
      const { entries, hasMore } = await store.findAuditEntries({ filter: {}, limit: PAGE, after })
      for (const entry of entries) verifier.add(entry)
      if (!hasMore) return
    }
  }

  for (let reading = 0; reading < MAX_READINGS; reading++) {
    const before = await store.changeHead()
    await readToEnd()
    const definitions = (await store.targetingDefinitions()).map(
      ({ kind, value }): StoredSubject => ({ type: kind, key: value.key, value }),
    )
    const stored = [...(await allExperiments(store)), ...(await allMetrics(store)), ...definitions]
    if ((await store.changeHead()).sequence !== before.sequence) continue
    return { entries: verifier.head().sequence, problems: verifier.finish(stored) }
  }
  throw new Error('changes arrive faster than they can be verified: verify a copy, or at a quieter time')
}

async function allExperiments(
  store: Pick<ExperimentationStore, 'findExperiments'>,
): Promise<readonly StoredSubject[]> {
  const found: StoredSubject[] = []
  const orderBy = { field: 'KEY', direction: 'ASC' } as const
  for (let after: string | null = null; ; ) {
    const page = await store.findExperiments({
      filter: {},
      orderBy,
      limit: PAGE,
      after: after === null ? null : { value: after, key: after },
    })
    found.push(...page.experiments.map((value) => ({ type: 'experiment' as const, key: value.key, value })))
    after = page.experiments.at(-1)?.key ?? null
    if (!page.hasMore) return found
  }
}

async function allMetrics(
  store: Pick<ExperimentationStore, 'findMetrics'>,
): Promise<readonly StoredSubject[]> {
  const found: StoredSubject[] = []
  for (let after: string | null = null; ; ) {
    const page = await store.findMetrics({ limit: PAGE, after })
    for (const { key, versions } of page.metrics) {
      const value = versions.at(-1)
      if (value !== undefined) found.push({ type: 'metric', key, value })
      after = key
    }
    if (!page.hasMore) return found
  }
}
