import type { AlertCard, AlertPayload, AlertWhat, ClickWhat } from '../../decide/handoff/alerts.ts';
import { minuteUtc } from '../../shared/time.ts';
import { escaped, link, mention, shortLine } from './escape.ts';
import { type Block, type Button, context, filled, type Message, plain, section } from './message.ts';

/**
 * What alerts say. Pure. Names, titles and sentences that came from elsewhere stand in plain text, where none of Slack's marks
 * works, or are escaped; each is cut, so that no message comes near what Slack takes at most (about 11,000 characters).
 */

/** How a conversation about an account stands. */
export type ThreadState = 'open' | 'snoozed' | Exclude<AlertWhat, 'crossed'> | Exclude<ClickWhat, 'reminder'>;

/** What the first message shows beside the facts of the account. */
export interface Standing {
  state: ThreadState;
  /** Slack user whose button it was. */
  by: string | null;
  /** Of what is snoozed: until when, ISO 8601. */
  until: string | null;
}

/** Who has the task: a Slack user who is mentioned, else a name. */
export interface ToldOwner {
  user: string | null;
  name: string;
}

export interface CardExtras {
  owner: ToldOwner | null;
  /** Records in the CRMs, by the CRM's name. */
  records: readonly { label: string; url: string }[];
  /** Value of the buttons; null: there are none. */
  button: string | null;
  /** It may have been sent before. */
  repeat: boolean;
}

const OVER: readonly ThreadState[] = ['bought', 'suppressed', 'not_a_fit'];

/** Nothing more is to be done about the account. */
export function isOver(state: ThreadState): boolean {
  return OVER.includes(state);
}

const NAME = 100;
const FIELD = 300;
const LINE = 500;

/** What is shown of an account: nobody who was forgotten since. */
export function shownCard({ card, person }: Pick<AlertPayload, 'card' | 'person'>): AlertCard {
  return person === null ? { ...card, who: null } : card;
}

/** The first message of an account. */
export function cardMessage(
  card: AlertCard,
  why: string,
  standing: Standing,
  extras: CardExtras,
  quiet: boolean,
): Message {
  const headline = `${shortLine(card.name, NAME)}: ${card.tier}, ${card.score} points`;
  const owner = extras.owner === null ? null : ownerText(extras.owner, quiet);
  const links = [
    ...extras.records.flatMap(({ label, url }) => link(url, label) ?? []),
    ...[link(card.link, 'score and reasons')].flatMap((one) => one ?? []),
  ];
  const state = stateLine(standing);
  return {
    text: escaped(`${headline}. ${shortLine(why, FIELD)}`) + (owner === null ? '' : ` ${owner}`),
    blocks: [
      { type: 'header', text: plain(shortLine(headline, 140)) },
      { type: 'section', fields: fieldsOf(card) },
      { type: 'section', text: plain(reasonsOf(card, why)) },
      ...(owner === null ? [] : [section(`Owner: ${owner}`)]),
      ...(links.length === 0 ? [] : [section(links.join(' · '))]),
      ...(state === null ? [] : [context(state)]),
      ...(extras.repeat ? [context('May be a repeat: Slack did not answer the first time.')] : []),
      ...buttonsOf(standing.state, extras.button),
    ],
  };
}

/** What is said about an account after its first message. `alone`: not in its thread, so that it must name the account. */
export function followUpMessage(
  { card, what, line, by }: AlertPayload,
  owner: ToldOwner | null,
  { alone, quiet, repeat }: { alone: boolean; quiet: boolean; repeat: boolean },
): Message {
  const about = alone ? `${shortLine(card.name, NAME)} (${card.tier}): ` : '';
  const person = by === undefined ? '' : mention(by);
  const said: Partial<Record<AlertPayload['what'], string>> = {
    claimed: `Claimed by ${person}`,
    not_a_fit: `Not a fit, says ${person}. ${escaped(shortLine(line, LINE))}`,
  };
  const own = said[what];
  const told = own === undefined && owner !== null ? ownerText(owner, quiet) : null;
  const sentence = own ?? escaped(shortLine(line, LINE));
  return {
    text: filled(`${escaped(about)}${sentence}${told === null ? '' : ` ${told}`}`),
    blocks: [
      own === undefined
        ? { type: 'section', text: plain(`${about}${shortLine(line, LINE)}`) }
        : section(`${escaped(about)}${own}`),
      ...(told === null ? [] : [section(told)]),
      ...(repeat ? [context('May be a repeat: Slack did not answer the first time.')] : []),
    ],
  };
}

function fieldsOf({ domain, size, who, route, due }: AlertCard) {
  const company = [domain, size === null ? null : `${size} employees`].filter((one) => one !== null);
  const person = [who?.name, who?.title, who?.email].filter((one) => one !== null && one !== undefined);
  const fields: [string, string][] = [
    ['Who', person.length === 0 ? 'nobody known' : person.join(', ')],
    ['Company', company.length === 0 ? 'unknown' : company.join(', ')],
    ['Goes to', route ?? 'unknown'],
    ['Get in touch by', due === null ? 'no deadline' : minuteUtc(due)],
  ];
  return fields.map(([name, value]) => plain(`${name}: ${shortLine(value, FIELD)}`));
}

function reasonsOf({ reasons }: AlertCard, why: string): string {
  return [shortLine(why, FIELD), ...reasons.map((one) => `• ${shortLine(one, FIELD)}`)].join('\n');
}

function ownerText({ user, name }: ToldOwner, quiet: boolean): string {
  return user === null || quiet ? escaped(shortLine(name, NAME)) : mention(user);
}

const STATES: Record<ThreadState, string | null> = {
  open: null,
  claimed: 'Claimed',
  snoozed: 'Snoozed',
  not_a_fit: 'Not a fit',
  due_soon: 'Due soon',
  breached: 'Deadline missed',
  escalated: 'Deadline missed, escalated',
  bought: 'Became a customer',
  cooled: 'Cooled down',
  suppressed: 'Not to be contacted any more',
};

function stateLine({ state, by, until }: Standing): string | null {
  const word = STATES[state];
  if (word === null) {
    return null;
  }
  const person = by === null ? '' : ` by ${mention(by)}`;
  return `*${word}*${person}${state === 'snoozed' && until !== null ? ` until ${minuteUtc(until)}` : ''}`;
}

/** Ids of the buttons, as they come back when one is pressed. */
export const BUTTONS = { claim: 'pql_claim', snooze: 'pql_snooze', not_a_fit: 'pql_not_a_fit' } as const;

function buttonsOf(state: ThreadState, value: string | null): Block[] {
  if (value === null || isOver(state)) {
    return [];
  }
  const claim: Button = { ...button(BUTTONS.claim, 'Claim', value), style: 'primary' };
  const snooze = button(BUTTONS.snooze, 'Snooze until tomorrow', value);
  const elements = [
    ...(state === 'claimed' ? [] : [claim]),
    ...(state === 'claimed' || state === 'snoozed' ? [] : [snooze]),
    button(BUTTONS.not_a_fit, 'Not a fit', value),
  ];
  // An update must name its block anew.
  return [{ type: 'actions', block_id: `pql_${state}`, elements }];
}

function button(action_id: string, text: string, value: string): Button {
  return { type: 'button', action_id, text: plain(text), value };
}
