import { type Attributed, attribute, byTime, latest } from '../support/oracle/attribution.ts';
import type { Fact } from '../support/oracle/fact.ts';
import { factsOf, type Sent } from '../support/oracle/facts.ts';
import { rate, type Standing } from '../support/oracle/rubric.ts';
import { strangers } from '../support/oracle/strangers.ts';
import type { History } from './history.ts';

/**
 * What must stand everywhere at the end, from what was sent and acknowledged. Nothing here or below
 * `test/support/oracle` comes from the pipeline: it reads the tracking plan a second time, slowly.
 */
export interface Expected {
  /** Distinct events. */
  events: number;
  accounts: Map<string, ExpectedAccount>;
}

export interface ExpectedAccount {
  key: string;
  standing: Standing;
  /** Every use of a key feature counts 1, every breach of a limit 1000. */
  tally: number;
  /** The parts of `pql_reasons`, as far as they are told: what must stand in it. */
  reasons: string[];
  qualified: boolean;
  /** E-mails of all its people. */
  people: string[];
  /** E-mails of who must, and of who may, be a member of the campaign. */
  members: { must: string[]; may: string[] };
  name: string;
  domain: string;
}

const DAY = 86_400_000;

export function expectedOf(sent: readonly Sent[], history: History, now: number): Expected {
  const facts = factsOf(sent);
  const accounts = strangers(facts).flatMap((group) => accountsOf(group, history, now));
  return { events: facts.length, accounts: new Map(accounts.map((one) => [one.key, one])) };
}

function accountsOf(facts: readonly Fact[], history: History, now: number): ExpectedAccount[] {
  const all = attribute(facts);
  const grouped = Map.groupBy(all, ({ account }) => account);
  return [...grouped].map(([key, own]) => {
    const standing = rate(own, all, now);
    const qualified = standing.tier === 'mql';
    const { name = key, domain = key } = history.companies.get(key) ?? {};
    const people = history.people.filter(({ account }) => account === key);
    const emails = people.map(({ email }) => email);
    const early = people.filter((person) => person.early).map(({ email }) => email);
    return {
      key,
      standing,
      tally: tallyOf(own, now),
      reasons: reasonsOf(own, standing, now),
      qualified,
      people: emails,
      members: { must: qualified ? early : [], may: qualified ? emails : [] },
      name,
      domain,
    };
  });
}

function recent(own: readonly Attributed[], now: number, did: string): Fact[] {
  const facts = own.map(({ fact }) => fact).filter((fact) => fact.did === did && fact.at > now - 89 * DAY);
  return facts.sort(byTime);
}

function tallyOf(own: readonly Attributed[], now: number): number {
  return recent(own, now, 'keyfeatureused').length + 1000 * recent(own, now, 'limitbreachattempted').length;
}

/** Sentences of the rubric's rules that earned points and are told with a count or a date. */
function reasonsOf(own: readonly Attributed[], { points }: Standing, now: number): string[] {
  const facts = own.map(({ fact }) => fact);
  const last = (did: string) => new Date(recent(own, now, did).at(-1)?.at ?? 0).toISOString().slice(0, 10);
  const breaches = recent(own, now, 'limitbreachattempted').length;
  const invited = new Set(recent(own, now, 'invitesent').map(({ properties }) => properties.invitee_email))
    .size;
  const told: [string, string][] = [
    [
      'limit_breach',
      `ran into a plan limit ${times(breaches)}, the last on ${last('limitbreachattempted')} (+25)`,
    ],
    ['workflow', `workflow configured, the last on ${last('workflowconfigured')} (+20)`],
    [
      'seats_invited',
      `${invited} ${invited === 1 ? 'teammate' : 'teammates'} invited, the last on ${last('invitesent')} (+${points.seats_invited})`,
    ],
    ['api_integration', `API integration created on ${last('apiintegrationcreated')} (+15)`],
    ['company_size', `${latest(facts, 'aboutAccount', 'employees')} employees (+15)`],
  ];
  const strongest = Object.entries(points)
    .filter(([, value]) => value > 0)
    .sort(([, a], [, b]) => b - a);
  // Five reasons are shown; where several of the same points would be the fifth, which of them is not ours to say.
  const least = strongest[4]?.[1] ?? 0;
  const shown = strongest.length <= 5 ? 0 : least;
  return told.filter(([rule]) => (points[rule] ?? 0) > shown).map(([, text]) => text);
}

function times(count: number): string {
  return count === 1 ? '1 time' : `${count} times`;
}
