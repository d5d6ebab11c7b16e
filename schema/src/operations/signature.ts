import { createHash } from 'node:crypto'
// The package's main module would bring a whole protobuf library into the bundle.
import { usageReportingSignature } from '@apollo/utils.usagereporting/dist/signature.js'
import { type DocumentNode, Kind, type OperationDefinitionNode } from 'graphql'

/**
 * What recorded usage knows an operation by: the SHA-256 of its document, sorted, without aliases and values. The
 * gateway makes it in the same way.
 * @param document one operation with its fragments
 */
export function signatureOf(document: DocumentNode): string {
  const operation = document.definitions.find(
    (one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION,
  )
  return sha256(usageReportingSignature(document, operation?.name?.value ?? ''))
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
