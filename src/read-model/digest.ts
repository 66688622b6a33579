import { ADDRESS, type Digest } from '../decide/handoff/digest.ts';
import { escapedHtml } from '../shared/html.ts';
import { oneLine } from '../shared/shown-text.ts';
import { DAY, isoInstant, minuteOf } from '../shared/time.ts';
import { type CrmSites, type FeedRow, recordUrl } from './feed.ts';

export type DigestState = 'waiting' | 'sending' | 'sent' | 'empty' | 'uncertain' | 'failed';

/** One mail of one day. */
export interface DigestRow {
  day: string;
  recipient: string;
  state: DigestState;
  /** How many accounts it told of; null: it did not go out. */
  accounts: number | null;
  attempts: number;
  reason: string | null;
  at: string;
  nextTry: string | null;
}

export interface DigestStatus {
  /** Mails of the last 7 days. `failed`: those that are perhaps sent are among them. */
  sent: number;
  waiting: number;
  failed: number;
  /** What the mail server said last of those that did not go out; null: nothing. */
  reason: string | null;
}

export interface Letter {
  subject: string;
  text: string;
  html: string;
  /** How many accounts it tells of. */
  accounts: number;
}

/** What letters are made of. */
export interface DigestFacts {
  digest: Pick<Digest, 'timezone' | 'offset' | 'owners' | 'addresses'>;
  rows: readonly FeedRow[];
  /** The day they are for. */
  day: string;
  now: number;
  sites: CrmSites;
  /** Base URL under which an account can be looked at. */
  linkBase: string;
}

/** By address, in small letters, a letter for everybody who has something to read. */
export function lettersOf(facts: DigestFacts): Map<string, Letter> {
  const { digest, now } = facts;
  const news = facts.rows.filter((row) => groupOf(row, now) !== null);
  const own = Map.groupBy(
    digest.owners ? news.filter(({ state }) => state === 'handed_over') : [],
    ({ owner }) => owner?.toLowerCase() ?? '',
  );
  const all = new Map([...own, ...digest.addresses.map((address) => [address, news] as const)]);
  const letters = [...all]
    .filter(([address, rows]) => ADDRESS.test(address) && rows.length > 0)
    .map(([address, rows]) => [address, letterOf(facts, rows)] as const);
  return new Map(letters);
}

const GROUPS = {
  overdue: 'Overdue',
  due: 'Due',
  fresh: 'New since yesterday',
  changed: 'Changed since yesterday',
  held: 'Held back',
} as const;
type Group = keyof typeof GROUPS;

/** What is overdue for longer is no news any more. */
const OVERDUE_DAYS = 7;

/** Why an account is in a digest; null: it is not, because nothing about it is new or due. */
function groupOf({ state, due, crossedAt, change, tier, tierBefore }: FeedRow, now: number): Group | null {
  const isNew = crossedAt !== null && Date.parse(crossedAt) > now - DAY;
  const isChanged = (change !== null && change !== 0) || (tierBefore !== null && tierBefore !== tier);
  if (state !== 'handed_over') {
    return isNew ? 'held' : null;
  }
  const left = due === null ? null : Date.parse(due) - now;
  if (left !== null && left > -OVERDUE_DAYS * DAY) {
    return left < 0 ? 'overdue' : 'due';
  }
  return isNew ? 'fresh' : isChanged ? 'changed' : null;
}

/** A letter that goes on for longer is read by nobody. */
const SHOWN = 50;

function letterOf(facts: DigestFacts, rows: readonly FeedRow[]): Letter {
  const { day, now } = facts;
  const groups = Map.groupBy(rows.slice(0, SHOWN), (row) => groupOf(row, now) ?? 'changed');
  const parts = (Object.keys(GROUPS) as Group[]).flatMap((group) => {
    const entries = (groups.get(group) ?? []).map((row) => entryOf(facts, row));
    return entries.length === 0 ? [] : [{ title: GROUPS[group], entries }];
  });
  const overdue = rows.filter((row) => groupOf(row, now) === 'overdue').length;
  const count = `${rows.length} ${rows.length === 1 ? 'account' : 'accounts'}`;
  const subject = `PQL digest ${day}: ${count}${overdue === 0 ? '' : `, ${overdue} overdue`}`;
  const more = rows.length > SHOWN ? [`${rows.length - SHOWN} more: pql feed, or GET /api/v1/feed`] : [];
  return {
    subject,
    text: asText(subject, parts, more),
    html: asHtml(subject, parts, more),
    accounts: rows.length,
  };
}

interface Entry {
  head: string;
  /** Beneath it, each with a word of ours before it. */
  lines: string[];
  links: string[];
}

/** By when somebody must get in touch, or since when somebody is. */
function whenOf(digest: DigestFacts['digest'], { due, touched, touch, owner }: FeedRow): string[] {
  const who = owner === null ? '' : `, ${line(owner)}`;
  if (touched !== null) {
    return [`In touch since ${localTime(digest, Date.parse(touched))} (${touch})${who}`];
  }
  return due === null ? [] : [`Due ${localTime(digest, Date.parse(due))}${who}`];
}

/** Names and reasons come from senders: each is one line, and none begins one. */
function entryOf({ digest, sites, linkBase }: DigestFacts, row: FeedRow): Entry {
  const { account, name, tier, score, change, reasons, why, records } = row;
  const moved =
    change === null ? 'new' : change === 0 ? 'unchanged' : `${change > 0 ? '+' : ''}${change} in a day`;
  const called = name === null || name === account ? line(account) : `${line(name)} (${line(account)})`;
  return {
    head: `${called}: ${line(tier)}, ${score} points (${moved})`,
    lines: [
      ...whenOf(digest, row),
      ...(why === null ? [] : [`Not handed over: ${line(why)}`]),
      ...(reasons.length === 0 ? [] : [`Because: ${reasons.map(line).join('; ')}`]),
    ],
    links: [
      `${linkBase}/accounts/${encodeURIComponent(account)}`,
      ...records.flatMap((record) => recordUrl(sites, record) ?? []),
    ],
  };
}

const LINE_MAX = 200;

function line(text: string): string {
  const one = oneLine(text);
  return one.length > LINE_MAX ? `${one.slice(0, LINE_MAX - 1).replace(/[\ud800-\udbff]$/, '')}…` : one;
}

/** `2026-03-02 13:00 (Europe/Berlin)` */
function localTime({ offset, timezone }: DigestFacts['digest'], at: number): string {
  return `${minuteOf(isoInstant(at + offset(at)))} (${timezone})`;
}

type Part = { title: string; entries: Entry[] };

function asText(subject: string, parts: readonly Part[], more: readonly string[]): string {
  const body = parts.flatMap(({ title, entries }) => [
    '',
    title,
    ...entries.flatMap(({ head, lines, links }) => [
      `- ${head}`,
      ...[...lines, ...links].map((one) => `  ${one}`),
    ]),
  ]);
  return [subject, ...body, ...more.flatMap((one) => ['', one]), ''].join('\n');
}

function asHtml(subject: string, parts: readonly Part[], more: readonly string[]): string {
  const body = parts.flatMap(({ title, entries }) => [
    `<h3>${escapedHtml(title)}</h3>`,
    '<ul>',
    ...entries.map(({ head, lines, links }) => {
      const beneath = [
        ...lines.map(escapedHtml),
        ...links.map((url) => `<a href="${escapedHtml(url)}">${escapedHtml(url)}</a>`),
      ];
      return `<li><strong>${escapedHtml(head)}</strong>${beneath.map((one) => `<br>${one}`).join('')}</li>`;
    }),
    '</ul>',
  ]);
  return [
    '<!doctype html>',
    '<meta charset="utf-8">',
    `<p>${escapedHtml(subject)}</p>`,
    ...body,
    ...more.map((one) => `<p>${escapedHtml(one)}</p>`),
    '',
  ].join('\n');
}
