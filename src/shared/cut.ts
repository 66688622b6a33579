const MARK = ' …';

/** Text longer than the field is cut at its length (UTF-16 units), and shows that it was. */
export function cut(text: string, length: number | undefined): string {
  if (length === undefined || text.length <= length) {
    return text;
  }
  return length > MARK.length ? whole(text, length - MARK.length) + MARK : whole(text, length);
}

/** The first `length` characters, one less where the cut would fall into a pair: half of one is no text. */
function whole(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
}
