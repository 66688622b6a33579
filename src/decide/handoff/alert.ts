import { textOf } from '../../accounts/coerce.ts';
import { oneLine } from '../../shared/shown-text.ts';
import type { Act, Policy, Route } from '../decision.ts';
import type { AccountFacts } from '../facts.ts';
import { alertKey, crmKey } from '../keys.ts';
import type { Crossing } from '../standing.ts';
import { mostRecent } from '../texts/people.ts';
import type { AlertCard, AlertChannel, Alerts, AlertWhat } from './alerts.ts';

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
        person: mostRecent(facts.reachable)?.ref ?? null,
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
  const newest = mostRecent(facts.reachable);
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
