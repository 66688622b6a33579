/** What PostgreSQL cannot store, NUL and lone surrogates, becomes this character. */
export const REPLACEMENT = '\uFFFD';

/** Text that every store and CRM accepts: NUL and lone surrogates replaced by U+FFFD (decision 23). */
export function cleanText(text: string): string {
  if (text.isWellFormed() && !text.includes('\0')) {
    return text;
  }
  return text.toWellFormed().replaceAll('\0', REPLACEMENT);
}

/**
 * Whether cleaned text lost characters on its way. Such an id must not be used: two different people's ids
 * could have become the same text. It also catches bytes that were no UTF-8 when the body was decoded.
 */
export function isDamaged(cleaned: string): boolean {
  return cleaned.includes(REPLACEMENT);
}
