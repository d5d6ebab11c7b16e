/* global GraphiQL, React, ReactDOM */
const examples = JSON.parse(document.getElementById('examples').textContent)

const send = GraphiQL.createFetcher({
  url: 'graphql',
  // Deferred parts come one by one, in the form that GraphiQL puts together.
  headers: { accept: 'multipart/mixed;deferSpec=20220824, application/json' },
})

/** For a moment after a change of tabs, GraphiQL sends the name of the operation in the tab before. */
function fetcher({ operationName, ...request }, options) {
  const isThere = new RegExp(`\\b${operationName}\\b`).test(request.query)
  return send(isThere ? { ...request, operationName } : request, options)
}

ReactDOM.createRoot(document.getElementById('page')).render(
  React.createElement(GraphiQL, {
    fetcher,
    // Each example is a tab. Tabs that were changed before come back instead.
    ...(examples.length > 0 ? { defaultTabs: examples.map((query) => ({ query })) } : {}),
    defaultEditorToolsVisibility: false,
    shouldPersistHeaders: false,
  }),
)
