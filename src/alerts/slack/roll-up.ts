import type { AlertCard } from '../../decide/handoff/alerts.ts';
import { minuteUtc } from '../../shared/time.ts';
import { escaped, link, mention, shortLine } from './escape.ts';
import { context, type Message, plain, section } from './message.ts';
import type { ToldOwner } from './words.ts';

/** What one message says of many accounts. Pure. */

const NAME = 100;
const LINE = 300;

/** One of several accounts of a message. */
export interface RolledUp {
  card: AlertCard;
  owner: ToldOwner | null;
}

const SHOWN = 10;

/** One message for many accounts, the highest scores first. */
export function rollUpMessage(
  accounts: readonly RolledUp[],
  list: string,
  { quiet, repeat }: { quiet: boolean; repeat: boolean },
): Message {
  const top = [...accounts].sort((a, b) => b.card.score - a.card.score).slice(0, SHOWN);
  const more = accounts.length - top.length;
  const lines = top.map(({ card, owner }) => `• ${shortLine(rollUpLine(card, owner), LINE)}`);
  const headline = `${accounts.length} accounts qualified`;
  const users = quiet ? [] : [...new Set(accounts.flatMap(({ owner }) => owner?.user ?? []))].slice(0, 20);
  const all = link(list, 'all of them');
  return {
    text: escaped(`${headline}: ${top.map(({ card }) => shortLine(card.name, 40)).join(', ')}`),
    blocks: [
      { type: 'header', text: plain(headline) },
      { type: 'section', text: plain([...lines, ...(more > 0 ? [`and ${more} more`] : [])].join('\n')) },
      ...(users.length === 0 ? [] : [section(users.map(mention).join(' '))]),
      ...(all === null ? [] : [section(all)]),
      ...(repeat ? [context('May be a repeat: Slack did not answer the first time.')] : []),
    ],
  };
}

function rollUpLine({ name, tier, score, route, due }: AlertCard, owner: ToldOwner | null): string {
  const parts = [
    `${shortLine(name, NAME)}: ${tier}, ${score} points`,
    ...(route === null ? [] : [route]),
    ...(owner === null ? [] : [shortLine(owner.name, 60)]),
    ...(due === null ? [] : [`due ${minuteUtc(due)}`]),
  ];
  return parts.join(', ');
}
