/** Options of Node with which a program ends when this process does; see `end-with-parent.ts`. */
export const END_WITH_LAUNCHER: readonly string[] = [
  '--import',
  `${new URL('./end-with-parent.ts', import.meta.url)}?parent=${process.pid}`,
]
