import { ApiError } from '@bulkhead/service/api/api-client'

export function unknownVersion(id: string): ApiError {
  return new ApiError(
    `UNKNOWN_MODEL_VERSION: there is no version "${id}"; \`models list\` shows those there are`,
  )
}
