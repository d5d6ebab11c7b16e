type AsyncMethods<Store> = { readonly [Name in keyof Store]: (...parameters: never[]) => Promise<unknown> }

/**
 * Passes every failure of the store's methods, thrown or rejected, through `translate`, so that no method can forget to
 * translate the driver's errors.
 */
export function translateErrors<Store extends AsyncMethods<Store>>(
  store: Store,
  translate: (error: unknown) => unknown,
): Store {
  const methods: [string, (...parameters: never[]) => Promise<unknown>][] = Object.entries(store)
  const translated = methods.map(([name, method]) => [
    name,
    async (...parameters: never[]) => {
      try {
        return await method.apply(store, parameters)
      } catch (error) {
        throw translate(error)
      }
    },
  ])
  return Object.fromEntries(translated)
}
