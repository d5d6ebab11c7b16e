import { createClient, showHome } from './home.ts'

/** `npm start -w examples/frontend`, while the gateway runs: prints the home page of a listener. */
const [userId = 'u1', url = 'http://127.0.0.1:4000/graphql'] = process.argv.slice(2)

const stop = showHome(createClient(url), userId, ({ items, exposures }) => {
  if (exposures === undefined) {
    for (const { rank, node } of items) console.log(`${rank}. ${node?.title} (${node?.creator})`)
    return
  }
  console.log('exposures:', exposures)
  stop()
})
