import { addressProblem } from '../../shared/safe-address.ts';
import { oneLine } from '../../shared/shown-text.ts';

/** Text that came from senders, made harmless for Slack's own marks. Pure. */

const MARK = '…';

/** The first `most` code points: half of a pair is no text. */
export function cutPoints(text: string, most: number): string {
  const points = [...text];
  return points.length <= most ? text : `${points.slice(0, most - 1).join('')}${MARK}`;
}

/** One line of at most `most` code points. */
export function shortLine(text: string, most: number): string {
  return cutPoints(oneLine(text), most);
}

/** `&`, `<` and `>`, as Slack's "Formatting text" asks: nobody can mention a channel or hide a link in a name. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A mention: only of ids that Slack or the configuration gave. What is no id is shown as text. */
export function mention(user: string): string {
  return /^[UW][A-Z0-9]{2,20}$/.test(user) ? `<@${user}>` : escaped(user);
}

/** Longer addresses Slack refuses. */
const URL_MAX = 2000;

/** A link with a label; null for an address that is neither encrypted nor on this machine. */
export function link(address: string, label: string): string | null {
  if (addressProblem(address) !== null) {
    return null;
  }
  const url = new URL(address).href.replaceAll('|', '%7C').replaceAll('>', '%3E').replaceAll('<', '%3C');
  return url.length > URL_MAX ? null : `<${escaped(url)}|${escaped(label.replaceAll('|', ' '))}>`;
}
