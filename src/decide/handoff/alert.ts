import { textOf } from '../../accounts/coerce.ts';
import { oneLine } from '../../shared/shown-text.ts';
import type { Act, Policy, Route } from '../decision.ts';
import type { AccountFacts } from '../facts.ts';
import { alertKey, crmKey } from '../keys.ts';
import type { Crossing } from '../standing.ts';
import { mostRecent } from '../task-text.ts';

/** One Slack channel, for the accounts that it fits; null fits all. */
export interface AlertChannel {
  channel: string;
  tiers: readonly string[] | null;
  routes: readonly string[] | null;
  /** Owners are named and not mentioned. */
  quiet: boolean;
}

/** The section `alerts` of handoff.yaml. */
export interface Alerts {
  /** The first that fits counts. */
  channels: readonly AlertChannel[];
  fallback: Pick<AlertChannel, 'channel' | 'quiet'>;
  /** Messages about new accounts, an hour and channel. */
  perHour: number;
  /** From so many on within so much time (ms) one message tells of all. */
  rollUp: { from: number; within: number };
  /** Slack users by e-mail in lower case. */
  owners: ReadonlyMap<string, string>;
}

/** What decided things an alert tells of. */
export type AlertWhat =
  | 'crossed'
  | 'due_soon'
  | 'breached'
  | 'escalated'
  | 'bought'
  | 'cooled'
  | 'suppressed';

/** What people did with the buttons of an alert, told in its thread. */
export type ClickWhat = 'claimed' | 'not_a_fit' | 'reminder';

/** What is known of an account when it crosses: data, put into words when it is sent. Names are one line each. */
export interface AlertCard {
  key: string;
  name: string;
  domain: string | null;
  /** Number of employees. */
  size: string | null;
  tier: string;
  score: number;
  /** Strongest first. */
  reasons: readonly string[];
  /** Who was active last; null: nobody is known. */
  who: { name: string | null; email: string | null; title: string | null } | null;
  /** Where it goes; null: unknown. */
  route: string | null;
  /** By when somebody must get in touch, ISO 8601. */
  due: string | null;
  /** Id of the promise that sets it. */
  sla: string | null;
  /** Where the account can be looked at. */
  link: string;
}

export interface AlertPayload {
  crmKey: string;
  what: AlertWhat | ClickWhat;
  channel: string;
  quiet: boolean;
  /** What is said beside the card, in words. */
  line: string;
  /** Who is to be told, by e-mail; null: whoever has the task. */
  owner: string | null;
  /** Slack user whose button it was. */
  by?: string;
  card: AlertCard;
}

export interface Told {
  what: AlertWhat;
  line: string;
  /** E-mail of somebody who is to be told in place of the task's owner. */
  owner?: string | null;
  /** Where the account goes, if it is known. */
  route?: Route | null;
  /** Of what can come several times in one crossing: which of them. */
  nth?: number;
}

const REASONS = 5;

/**
 * An act that tells of a crossing, or of what became of it, in Slack: one for each of it (I6). Nothing without a section `alerts`
 * in handoff.yaml, or without Slack.
 *
 * @param model name of the model that was crossed in
 */
export function alertActs(
  { handoff }: Policy,
  facts: AccountFacts,
  model: string,
  crossing: Crossing,
  told: Told,
): Act[] {
  const { alerts } = handoff;
  if (alerts === null) {
    return [];
  }
  const { what, line, owner = null, route = null, nth } = told;
  const word = nth === undefined ? what : `${what} ${nth}`;
  const key = alertKey(facts.key, model, crossing.tier, crossing.n, word);
  const { channel, quiet } = channelFor(alerts, crossing.tier, route?.to ?? null);
  return [
    {
      crm: 'slack',
      kind: 'alert',
      key,
      person: null,
      crossing: `${crossing.tier}#${crossing.n}`,
      reason: line,
      skip: null,
      payload: {
        crmKey: crmKey(key),
        what,
        channel,
        quiet,
        line,
        owner,
        card: cardOf(facts, crossing, route),
      },
    },
  ];
}

/** The first channel that fits. An account of which it is not known where it goes fits no channel of certain routes. */
export function channelFor(
  { channels, fallback }: Alerts,
  tier: string,
  route: string | null,
): Pick<AlertChannel, 'channel' | 'quiet'> {
  const found = channels.find(
    ({ tiers, routes }) =>
      (tiers?.includes(tier) ?? true) && (routes === null || (route !== null && routes.includes(route))),
  );
  return found ?? fallback;
}

function cardOf(facts: AccountFacts, { tier }: Crossing, route: Route | null): AlertCard {
  const newest = mostRecent(facts.people);
  const line = (text: string | null) => (text === null ? null : oneLine(text));
  return {
    key: oneLine(facts.key),
    name: oneLine(facts.name),
    domain: facts.domain,
    size: line(textOf(facts.traits.employees)),
    tier,
    score: facts.score.value,
    reasons: reasonsOf(facts),
    who:
      newest === null
        ? null
        : { name: line(newest.name), email: line(newest.email), title: line(newest.title) },
    route: route?.to ?? null,
    due: route?.sla?.due ?? null,
    sla: route?.sla?.rule ?? null,
    link: facts.link,
  };
}

function reasonsOf({ score }: AccountFacts): string[] {
  return score.reasons === '' ? [] : score.reasons.split('; ').slice(0, REASONS).map(oneLine);
}
