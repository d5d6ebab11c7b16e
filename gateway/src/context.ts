/** What a request carries to its fetches. */
export type GraphqlContext = { readonly requestId: string }

export function createContext(request: { readonly id: string }): GraphqlContext {
  return { requestId: request.id }
}
