/** A hostile artefact may hold a name of a megabyte; a log line must not. */
const MAX_MESSAGE = 300

/** A model artefact that cannot be served; the message says what is wrong with it. */
export class ArtefactError extends Error {
  override readonly name = 'ArtefactError'

  constructor(problem: string) {
    const shown = problem.length > MAX_MESSAGE ? `${problem.slice(0, MAX_MESSAGE).toWellFormed()}…` : problem
    super(`model artefact: ${shown}`)
  }
}
