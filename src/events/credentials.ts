/** Senders' keys under any spelling: `writeKey`, `write_key`, `WriteKey`, `api-key`. */
const NAME = '(?:write|api)[\\s_-]{0,2}key';

const IS_NAME = new RegExp(`^${NAME}$`, 'i');
const HOLDS_NAME = new RegExp(NAME, 'i');

/**
 * `"writeKey": "…"` inside a text, also cut off within the value, and also where the text is JSON within JSON and its
 * quotes are escaped. The repeats are bounded: a text of nothing but backslashes must cost no more than its length.
 */
const IN_JSON = new RegExp(
  `(\\\\{0,7}["']${NAME}\\\\{0,7}["']\\s{0,20}:\\s{0,20})` +
    `(?:\\\\{1,7}"[^"\\\\]*(?:\\\\{1,7}"|$)|"(?:\\\\.|[^"\\\\])*(?:"|$)|'[^']*(?:'|$)|[^,}\\]\\s]+)`,
  'gi',
);
/** The same in a form or in the query of an address. */
const IN_FORM = new RegExp(`\\b(${NAME}=)[^&\\s"'\\\\]*`, 'gi');

/** Whether a field of this name holds a sender's credential, which must never be stored. */
export function isCredentialName(name: string): boolean {
  return IS_NAME.test(name);
}

/** The text without the credentials in it, which are known by their looks. */
export function withoutCredentials(text: string): string {
  if (!HOLDS_NAME.test(text)) {
    return text;
  }
  return text.replace(IN_JSON, '$1"[removed]"').replace(IN_FORM, '$1[removed]');
}
