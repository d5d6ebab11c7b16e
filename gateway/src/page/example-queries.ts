/** An example of what our own graph answers: on the page, and in what the launcher prints. */
export type ExampleQuery = {
  /** The name of the operation. */
  readonly name: string
  readonly title: string
  /** Without `query` and the name, so that it can also stand on one line. */
  readonly selection: string
  readonly deferred: boolean
}

export const EXAMPLE_QUERIES: readonly ExampleQuery[] = [
  {
    name: 'Slate',
    title: 'a slate for one listener at once, and in a later part the experiments it was served under',
    selection:
      '{ recommendations(userId: "u1", size: 5) { items { edges { rank node { title creator } reason { text } } } servedBy { rung } ... @defer { exposures { experimentKey variantKey status } } } }',
    deferred: true,
  },
  {
    name: 'Experiments',
    title: 'every experiment, and how many listeners saw each variant so far',
    selection: '{ experiments { nodes { key status exposureCounts { variantKey units exposures } } } }',
    deferred: false,
  },
  {
    name: 'Results',
    title: "the first result of the demo's experiment, as soon as its listeners have listened",
    selection:
      '{ experiment(key: "home-mix") { status health { kind passed } results { units metrics { metric { name } variantKey effect { estimate lower upper } significant } verdict { recommendation } } } }',
    deferred: false,
  },
  {
    name: 'Models',
    title: 'the model in production, and what it was trained on',
    selection: '{ modelVersions { nodes { id algorithm stage trainingData { users items interactions } } } }',
    deferred: false,
  },
]
