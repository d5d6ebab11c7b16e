// Writes a report as the one note of bulkhead-schema on a merge request: node gitlab-note.mjs FILE, in a job of GitLab.
import { readFile } from 'node:fs/promises'

const MARKER = '<!-- bulkhead-schema -->'
const NO_REPORT = `${MARKER}\n## Schema check could not be made\n\nbulkhead-schema wrote no report: see the log of the job.\n`

// biome-ignore lint/style/noProcessEnv: it runs alone in a job of others, which tells it everything this way
const env = process.env
const api = env.CI_API_V4_URL
const notes = `${api}/projects/${env.CI_PROJECT_ID}/merge_requests/${env.CI_MERGE_REQUEST_IID}/notes`

async function send(url, method, body) {
  const response = await fetch(url, {
    method,
    headers: { 'PRIVATE-TOKEN': env.SCHEMA_NOTE_TOKEN ?? '', 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify({ body }),
  })
  if (!response.ok) throw new Error(`GitLab answered ${response.status} to ${method} ${url}`)
  return response
}

/** The oldest note with the marker that this token may change; null where there is none. */
async function findNote(author) {
  for (let page = '1'; page; ) {
    const response = await send(`${notes}?per_page=100&sort=asc&page=${page}`, 'GET')
    const found = (await response.json()).find(
      (note) => note.body.startsWith(MARKER) && note.author.id === author,
    )
    if (found) return found.id
    page = response.headers.get('x-next-page')
  }
  return null
}

const text = await readFile(process.argv[2] ?? '', 'utf8').catch(() => NO_REPORT)
const { id: author } = await (await send(`${api}/user`, 'GET')).json()
const note = await findNote(author)
if (note === null) await send(notes, 'POST', text)
else await send(`${notes}/${note}`, 'PUT', text)
