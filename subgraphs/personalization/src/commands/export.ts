import { resolve } from 'node:path'
import type { ExportCandidates, ExportInteractions } from '../command-line/export.ts'
import { exportCandidates } from '../export/candidates.ts'
import { createProgress } from '../terminal/progress.ts'
import { counted } from '../terminal/terminal.ts'
import type { CommandContext } from './context.ts'

/** @throws ExportRefusedError for a folder that is not empty */
export async function exportToFiles(
  { folder, format, json }: ExportInteractions,
  { store, clock, out, err }: CommandContext,
): Promise<number> {
  // With the engine, which is large.
  const { exportInteractions } = await import('../export/interactions.ts')
  const progress = createProgress({ terminal: err, clock, title: 'Exporting' })
  try {
    const { interactions, files } = await exportInteractions({
      ...{ store, folder: resolve(folder), format },
      // How many there are would have to be counted first.
      onProgress: (read) => progress.update(0, `${counted(read, 'interaction')}`),
    })
    progress.end()
    out.write(
      json
        ? `${JSON.stringify({ interactions, files })}\n`
        : `${counted(interactions, 'interaction')} in ${counted(files.length, 'file')} in ${resolve(folder)}\n`,
    )
    return 0
  } finally {
    progress.end()
  }
}

/** @throws ExportRefusedError for a folder that is not empty */
export async function exportCandidatesToFile(
  { folder, json }: ExportCandidates,
  { store, clock, out, err }: CommandContext,
): Promise<number> {
  const progress = createProgress({ terminal: err, clock, title: 'Exporting' })
  try {
    const { slates, files } = await exportCandidates({
      ...{ store, folder: resolve(folder) },
      onProgress: (read) => progress.update(0, counted(read, 'slate')),
    })
    progress.end()
    out.write(
      json
        ? `${JSON.stringify({ slates, files })}\n`
        : `${counted(slates, 'slate')} in ${files[0]} in ${resolve(folder)}\n`,
    )
    return 0
  } finally {
    progress.end()
  }
}
