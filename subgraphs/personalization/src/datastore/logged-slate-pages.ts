import type { LoggedSlate, PersonalizationStore } from './port.ts'

const PAGE_SIZE = 50

/** Every slate that keeps its candidates, in pages; the last one may be empty. */
export async function* loggedSlatePages(
  store: Pick<PersonalizationStore, 'scanLoggedSlates'>,
): AsyncGenerator<readonly LoggedSlate[]> {
  for (let after: string | null = null; ; ) {
    const page: readonly LoggedSlate[] = await store.scanLoggedSlates({ after, limit: PAGE_SIZE })
    yield page
    after = page.at(-1)?.slate.id ?? null
    if (after === null || page.length < PAGE_SIZE) return
  }
}
