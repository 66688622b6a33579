/** The form in which event and page names are compared: no case, spaces, underscores or leading "User ". */
export function eventKey(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/^user[\s_]+/, '')
    .replace(/[\s_]+/g, '');
}
