import type { Expected, ExpectedAccount } from './expected.ts';
import type { Found, FoundCrm } from './found.ts';

/** One line of the verdict. Nothing found: it holds. */
export interface Check {
  name: string;
  found: string[];
}

/** What the sender and the deployment know beside the two. */
export interface Around {
  /** Distinct events that were to be sent. */
  events: number;
  discarded: readonly string[];
  deaths: readonly string[];
  /** What still waited when patience was over; null: all came to rest. */
  stuck: string | null;
  /** Migrations that were added, and numbers of those that left their mark, as often as they did. */
  migrations: { added: number; applied: readonly number[] };
}

/** The code of an alert that was sent twice and answered neither time. */
const UNCERTAIN = 'uncertain_alert';

/** Holds what was found against what must be. */
export function verdict(expected: Expected, found: Found, around: Around): Check[] {
  const accounts = [...expected.accounts.values()];
  const both = (check: (crm: FoundCrm, accounts: ExpectedAccount[]) => string[]) =>
    (['hubspot', 'salesforce'] as const).flatMap((name) =>
      check(found.crms[name], accounts).map((what) => `${name}: ${what}`),
    );
  return [
    { name: 'I1 acknowledged events lost', found: lost(expected, found, around) },
    { name: 'I2 events counted twice, or not', found: miscounted(accounts, found) },
    { name: 'I3, I4 wrong scores and tiers', found: scores(accounts, found) },
    { name: 'I8 wrong fields of companies', found: both(companies) },
    { name: 'I8 wrong fields of people', found: both(people) },
    { name: 'I6 records made twice', found: both(twice) },
    { name: 'I6 tasks missing, twice or unasked', found: both(tasks) },
    { name: 'I6 memberships missing, twice or unasked', found: both(members) },
    { name: 'I6 alerts missing, unasked, or twice without doubt', found: alerts(accounts, found) },
    { name: 'I7 work that is stuck', found: around.stuck === null ? [] : [around.stuck] },
    { name: 'I9 acts without an end or a reason', found: unfinished(found) },
    { name: 'acts that were given up', found: parked(found) },
    { name: 'events that a sender was made to discard', found: [...around.discarded] },
    { name: 'processes that ended by themselves', found: [...around.deaths] },
    { name: 'migrations missing, or applied twice', found: migrations(around) },
  ];
}

function lost({ events }: Expected, found: Found, around: Around): string[] {
  return [
    ...(found.events === events
      ? []
      : [`${events} events were acknowledged, the journal has ${found.events}`]),
    ...(found.quarantined === 0 ? [] : [`${found.quarantined} events in quarantine`]),
    ...(around.events === events ? [] : [`${around.events - events} events were never acknowledged`]),
  ];
}

function miscounted(accounts: readonly ExpectedAccount[], found: Found): string[] {
  return accounts.flatMap(({ key, tally }) => {
    const counted = found.accounts.get(key)?.tally ?? 0;
    return counted === tally
      ? []
      : [`${key}: ${tally} were sent, ${counted} counted (breaches in thousands)`];
  });
}

function scores(accounts: readonly ExpectedAccount[], found: Found): string[] {
  const wrong = accounts.flatMap(({ key, standing }) => {
    const { score, tier } = found.accounts.get(key) ?? { score: -1, tier: 'not there' };
    return score === standing.score && tier === standing.tier
      ? []
      : [`${key}: ${standing.score} ${standing.tier} expected, ${score} ${tier} found`];
  });
  return wrong;
}

function companies(crm: FoundCrm, accounts: ExpectedAccount[]): string[] {
  return accounts.flatMap(({ key, domain, name, standing, qualified, reasons }) => {
    const [record] = crm.companies.filter((one) => one.domain === domain);
    if (record === undefined) {
      return qualified ? [`${key} qualified and has no record`] : [];
    }
    const missing = reasons.filter((reason) => !record.reasons.includes(reason));
    const wrong = [
      record.key === key ? '' : `key ${record.key}`,
      record.name === name ? '' : `name ${record.name}`,
      record.score === standing.score ? '' : `score ${record.score}, not ${standing.score}`,
      record.tier === standing.tier ? '' : `tier ${record.tier}, not ${standing.tier}`,
      missing.length === 0 ? '' : `reasons without "${missing[0]}": ${record.reasons}`,
    ].filter((one) => one !== '');
    return wrong.length === 0 ? [] : [`${key}: ${wrong.join('; ')}`];
  });
}

/** Of an account that has a record, whoever has one too has its numbers. */
function people(crm: FoundCrm, accounts: ExpectedAccount[]): string[] {
  const byEmail = Map.groupBy(crm.people, ({ email }) => email);
  const recorded = new Set(crm.companies.map(({ domain }) => domain));
  return accounts.flatMap(({ key, people: emails, standing, domain }) =>
    emails.flatMap((email) => {
      if (!recorded.has(domain)) {
        return [];
      }
      const [record] = byEmail.get(email) ?? [];
      const right =
        record === undefined || (record.score === standing.score && record.tier === standing.tier);
      return right
        ? []
        : [`${email} of ${key}: ${record.score} ${record.tier}, not ${standing.score} ${standing.tier}`];
    }),
  );
}

function twice(crm: FoundCrm): string[] {
  const created = crm.writes.filter(({ op, object }) => op === 'create' && /^tasks?$/i.test(object));
  const keyOf = ({ fields }: (typeof created)[number]) => String(fields.pql_key ?? fields.PQL_Key__c);
  return [
    ...repeated(crm.companies, ({ domain }) => domain).map((one) => `company ${one}`),
    ...repeated(crm.people, ({ email }) => email).map((one) => `person ${one}`),
    ...repeated(created, keyOf).map((one) => `task ${one} in the log of writes`),
  ];
}

function tasks(crm: FoundCrm, accounts: ExpectedAccount[]): string[] {
  const bySubject = Map.groupBy(crm.tasks, ({ subject }) => subject.split(': ')[0]);
  const wrong = accounts.flatMap(({ key, name, qualified }) => {
    const { length } = bySubject.get(name) ?? [];
    return length === (qualified ? 1 : 0)
      ? []
      : [`${key}: ${length} tasks${qualified ? '' : ', none was due'}`];
  });
  const due = accounts.filter(({ qualified }) => qualified).length;
  return crm.tasks.length === due || wrong.length > 0
    ? wrong
    : [`${crm.tasks.length} tasks, ${due} were due`];
}

function members(crm: FoundCrm, accounts: ExpectedAccount[]): string[] {
  const is = new Set(crm.members.map(({ email }) => email));
  const may = new Set(accounts.flatMap((one) => one.members.may));
  const missing = accounts.flatMap((one) => one.members.must).filter((email) => !is.has(email));
  const unasked = [...is].filter((email) => !may.has(email));
  return [
    ...missing.map((email) => `${email} is missing`),
    ...unasked.map((email) => `${email} is a member, nobody asked for it`),
    ...repeated(crm.members, ({ campaign, email }) => `${campaign} ${email}`).map((one) => `${one} twice`),
  ];
}

/**
 * One message for each crossing. One whose answer was lost is sent once more, since Slack cannot be asked: the ledger knows how
 * often each was sent. Where the second answer was lost, too, it is parked, and somebody looks in the channel: it may be
 * there twice or not at all.
 */
function alerts(accounts: readonly ExpectedAccount[], { alerts: told, acts }: Found): string[] {
  const crossed = new Map(
    acts.filter(({ what }) => what === 'crossed').map(({ account, ...act }) => [account, act]),
  );
  return accounts.flatMap(({ key, name, qualified }) => {
    const { sends = 0, code = null } = crossed.get(key) ?? {};
    const there = told.filter((text) => text.startsWith(`${name}: `)).length;
    const most = qualified ? Math.min(2, sends) : 0;
    const least = qualified && code !== UNCERTAIN ? 1 : 0;
    return there < least || there > most ? [`${key}: ${there} messages, sent ${sends} times`] : [];
  });
}

function unfinished({ acts }: Found): string[] {
  return acts
    .filter(({ state, reason }) => state === 'waiting' || reason.trim() === '')
    .map(({ account, crm, kind, state, reason }) => `${account}: ${crm} ${kind} ${state} (${reason})`);
}

/** Nothing that a run does lasts, so nothing has to be given up for good, but an alert that was sent twice without an answer. */
function parked({ acts }: Found): string[] {
  return acts
    .filter(({ state, code }) => state === 'parked' && code !== UNCERTAIN)
    .map(({ account, crm, kind, reason }) => `${account}: ${crm} ${kind}: ${reason}`);
}

function migrations({ migrations: { added, applied } }: Around): string[] {
  const wanted = Array.from({ length: added }, (_, i) => i + 1);
  const missing = wanted.filter((n) => !applied.includes(n));
  return [
    ...missing.map((n) => `${n} is missing`),
    ...repeated([...applied], String).map((n) => `${n} twice`),
  ];
}

function repeated<Row>(rows: readonly Row[], name: (row: Row) => string): string[] {
  const groups = Map.groupBy(rows, name);
  return [...groups].filter(([, same]) => same.length > 1).map(([key]) => key);
}
