/** Runs what the arguments ask for. @returns the exit code */
export async function runCommand(args: readonly string[]): Promise<number> {
  console.log(args)
  return 0
}
