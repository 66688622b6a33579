import { SECOND } from '../shared/time.ts';

/**
 * By how much (ms) the clock behind an HTTP `Date` header is ahead of ours; null without a readable one. The header
 * has whole seconds and was written between `sentAt` and `receivedAt`: inside that span the clocks agree.
 */
export function clockAhead(date: string | undefined, sentAt: number, receivedAt: number): number | null {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) {
    return null;
  }
  if (theirs + SECOND <= sentAt) {
    return theirs + SECOND - sentAt;
  }
  return Math.max(0, theirs - receivedAt);
}
