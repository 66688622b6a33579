/**
 * What drives a terminal, or hides and reorders what it shows: controls of both ranges (ESC, CSI, backspace, carriage
 * return), line separators, zero-width and bidirectional marks. Line feeds and tabs stay.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const DRIVING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Text for a terminal: what came from senders, CRMs or files is shown, and cannot act. */
export function shownText(text: string): string {
  return text.replace(DRIVING, escapeOf);
}

/** The same for something that must stay on its line, such as a name in a table: it cannot pose as a line of ours. */
export function shownOnLine(text: string): string {
  return shownText(text).replace(/\n/g, '\\n').replace(/\t/g, '\\t');
}

/** Text that is one line wherever it is put, without what only a terminal or a renderer would see. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').replace(DRIVING, '').trim();
}

/** JSON that a terminal shows as it is; read as JSON it is the same. `\u…` stands for each of them in a text of JSON. */
export function shownJson(value: unknown): string {
  return shownText(JSON.stringify(value));
}

function escapeOf(mark: string): string {
  return `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
