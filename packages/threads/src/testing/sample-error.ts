export class SampleError extends Error {
  override readonly name = 'SampleError'
}
