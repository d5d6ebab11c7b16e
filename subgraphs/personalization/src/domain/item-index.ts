/** The items of a model: their ids by place, and their places by id. */
export type ItemIndex = {
  readonly ids: readonly string[]
  readonly places: ReadonlyMap<string, number>
}

export function indexItems(ids: readonly string[]): ItemIndex {
  return { ids, places: new Map(ids.map((id, place) => [id, place])) }
}
