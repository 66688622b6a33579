/** `\u0000` and halves of a pair as JSON writes them, and not the same letters behind an escaped backslash. */
const UNKEPT = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/**
 * JSON that PostgreSQL can take apart. It stores a NUL and half of a surrogate pair, and then fails every query that looks
 * into the value, which stops everybody's work (I9). Events and CRM answers are clean when they come in; this is for what is
 * made of them, such as a text that was cut in the middle of an emoji.
 */
export function storedJson(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes('\\ud') || text.includes('\\u0000') ? text.replace(UNKEPT, '$1\\ufffd') : text;
}
