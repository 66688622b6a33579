/** The word "User" at the head of a name: by itself, or the first of a camel-case name (`userSignedUp`, not `Username`). */
const LEADING_USER = /^(?:[Uu][Ss][Ee][Rr][\s_]+|[Uu]ser(?=[A-Z]))/;

/** The form in which event and page names are compared: no case, spaces, underscores or leading "User ". */
export function eventKey(name: string): string {
  return name
    .trim()
    .replace(LEADING_USER, '')
    .toLowerCase()
    .replace(/[\s_]+/g, '');
}
