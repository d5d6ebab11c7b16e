import type { ExperimentationStore } from '../../datastore/port.ts'
import { experimentSubject } from '../../domain/audit/entry.ts'
import type { AuditProblem } from '../../domain/audit/verify.ts'
import type { Experiment } from '../../domain/experiment.ts'
import { isIntact } from './recorded-analysis.ts'

/** Whether each decision still has the analysis that it names, as it was hashed. One read for each such decision. */
export async function verifyDecisions(
  store: Pick<ExperimentationStore, 'findAnalyses' | 'ping'>,
  experiments: readonly Experiment[],
): Promise<readonly AuditProblem[]> {
  const problems: AuditProblem[] = []
  for (const { key, decision } of experiments) {
    if (decision?.analysis === undefined) continue
    const { id, hash } = decision.analysis
    const message = await problemOf(store, id, { experimentKey: key, hash })
    if (message === null) continue
    const subject = experimentSubject(key)
    problems.push({ sequence: null, subject, message: `the analysis that the decision names ${message}` })
  }
  return problems
}

async function problemOf(
  store: Pick<ExperimentationStore, 'findAnalyses' | 'ping'>,
  id: string,
  decided: { readonly experimentKey: string; readonly hash: string },
): Promise<string | null> {
  try {
    const stored = (await store.findAnalyses({ ids: [id], newest: [] })).byId.get(id)
    if (stored === undefined) return 'is not stored any more'
    if (stored.experimentKey !== decided.experimentKey) return 'is of another experiment'
    return stored.id === decided.hash && isIntact(stored) ? null : 'is not what was hashed'
  } catch {
    // Rejects where it is the datastore that does not answer.
    await store.ping()
    return 'cannot be read'
  }
}
