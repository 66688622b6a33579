import { repeatable } from '../../src/sandbox/traffic/random.ts';
import type { History } from './history/messages.ts';
import { Story } from './history/story.ts';
import type { Kind } from './history/teller.ts';

export type { History, Message, Person } from './history/messages.ts';

const KINDS: readonly [Kind, ...Kind[]] = [
  'hot',
  'hot',
  'hot',
  'hot',
  'warm',
  'warm',
  'warm',
  'mail',
  'late',
  'old',
];

/**
 * What happened, made from a seed: every message of every account, and when its sender first tries to send it. Which
 * accounts qualify does not depend on the order in which messages arrive: traits of those do not change, and each has
 * a last deed without which it stays below the line. All times lie between 6 and 18 o'clock of past days and away from the ends
 * of windows, so that neither a skewed clock nor midnight changes what is right.
 *
 * @param today midnight UTC of the day of the run, ms
 */
export function history(seed: number, accounts: number, today: number): History {
  const random = repeatable(seed ^ 0x5eed);
  const all: History = {
    messages: [],
    people: [],
    companies: new Map(),
    standing: { companies: [], people: [] },
  };
  for (let n = 0; n < accounts; n++) {
    new Story(all, n, KINDS[n % KINDS.length] ?? 'hot', random, today).tell();
  }
  all.messages.sort((a, b) => a.due - b.due);
  return all;
}
