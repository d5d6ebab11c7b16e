/** What a later part of a deferred answer says: what was deferred, or why it is missing. */
export type LaterPart = 'exposures' | 'error'

/** Whether a multipart answer, read to its end, says this in a later part and is closed as it should be. */
export function endsWith(text: string, laterPart: LaterPart): boolean {
  const boundary = /^\s*(--.*)\r\n/.exec(text)?.[1]
  const later = text.slice(text.indexOf('"hasNext":true'))
  return (
    boundary !== undefined &&
    later.includes(laterPart === 'error' ? '"code":"SUBGRAPH_' : '"experimentKey"') &&
    later.includes('"hasNext":false') &&
    later.trimEnd().endsWith(`\r\n${boundary}--`)
  )
}
