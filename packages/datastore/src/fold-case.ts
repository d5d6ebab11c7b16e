/**
 * The form in which names and search texts are compared without regard to case. Upper case, because it also makes
 * `ß` and `ss` equal. Both datastores keep this form beside the text, so that they find the same rows.
 */
export function foldCase(text: string): string {
  return text.toUpperCase()
}
