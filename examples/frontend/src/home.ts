import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client'
import { Defer20220824Handler } from '@apollo/client/incremental'
import { HomeDocument, type HomeQuery } from './home.generated.ts'

type Slate = NonNullable<HomeQuery['recommendations']>
export type Item = Slate['items']['edges'][number]
export type Exposure = NonNullable<Slate['exposures']>[number]

export type Home = {
  readonly items: readonly Item[]
  /** Undefined while they are on their way, null where they could not be had. Nothing to show depends on them. */
  readonly exposures: readonly Exposure[] | null | undefined
}

/** A client of the gateway that takes `@defer`: what is ready comes first, the rest later in the same answer. */
export function createClient(url: string): ApolloClient {
  return new ApolloClient({
    link: new HttpLink({ uri: url }),
    cache: new InMemoryCache(),
    incrementalHandler: new Defer20220824Handler(),
  })
}

/** Calls `render` with the items as soon as they are there, and again with the exposures. Returns what unsubscribes. */
export function showHome(client: ApolloClient, userId: string, render: (home: Home) => void): () => void {
  const query = client.watchQuery({
    query: HomeDocument,
    variables: { userId },
    // A slate without exposures is still a slate.
    errorPolicy: 'all',
  })
  const subscription = query.subscribe((result) => {
    if (result.dataState !== 'streaming' && result.dataState !== 'complete') return
    const slate = result.data.recommendations
    if (!slate) return
    render({
      items: slate.items.edges,
      exposures: result.dataState === 'complete' ? (slate.exposures ?? null) : undefined,
    })
  })
  return () => subscription.unsubscribe()
}
