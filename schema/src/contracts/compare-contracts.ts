import type { ContractsConfig } from '../config/check-config.ts'
import type { FileTree } from '../inputs/file-tree.ts'
import type { Finding } from '../model/finding.ts'

/** JSON Schemas of contracts compared with the base's, in both directions: section `contracts`. */
export async function compareContracts(
  _base: FileTree,
  _head: FileTree,
  _config: ContractsConfig,
): Promise<readonly Finding[]> {
  return []
}
