import type { DomainList } from '../../src/accounts/domains.ts';
import type { FactReader } from '../../src/accounts/facts.ts';
import { type FactsFile, readFacts } from '../../src/accounts/facts-file.ts';
import type { AccountState, PersonPart, SignalTally, TraitSlot } from '../../src/accounts/state.ts';
import { formatProblem } from '../../src/shared/config-file.ts';
import type { Json } from '../../src/shared/json.ts';

const SIGNALS = ['became_customer', 'churned', 'paid', 'left'];

/** Free and throw-away mail without the 90,000 names. */
export const FEW_DOMAINS: DomainList = {
  kind: (host) => (host === 'gmail.com' ? 'free' : host === 'mailinator.com' ? 'disposable' : 'work'),
};

export function factsFile(text: string | null = null): FactsFile {
  const read = readFacts('facts.yaml', text, FEW_DOMAINS, SIGNALS);
  if (!read.ok) {
    throw new Error(read.error.map(formatProblem).join('\n'));
  }
  return read.value;
}

export function reader(text: string | null = null): FactReader {
  return factsFile(text).reader;
}

/** What is wrong with a facts.yaml, one line each. */
export function factsProblems(...lines: string[]): string[] {
  const read = readFacts('facts.yaml', lines.join('\n'), FEW_DOMAINS, SIGNALS);
  return read.ok ? [] : read.error.map(formatProblem);
}

interface Known {
  traits?: Record<string, Json>;
  emails?: string[];
  /** Signal -> newest instant, ms. */
  signals?: Record<string, number>;
  facts?: AccountState['facts'];
}

/** An account of which this is known, and nothing else. */
export function accountWith({ traits = {}, emails = [], signals = {}, facts }: Known): AccountState {
  const tallies = Object.entries(signals).map(([id, last]) => [id, tally(last)]);
  const first: PersonPart = {
    person: null,
    signals: Object.fromEntries(tallies),
    traits: {},
    accountTraits: slots(traits),
    firstSeen: null,
    lastSeen: null,
  };
  const people = emails.map(
    (email, i): PersonPart => ({
      ...first,
      person: `u:${i}`,
      signals: {},
      accountTraits: {},
      traits: slots({ email }),
    }),
  );
  return { key: 'acct-1', parts: [first, ...people], ...(facts === undefined ? {} : { facts }) };
}

function tally(last: number): SignalTally {
  return { count: 1, first: last, last, days: [], recent: [last] };
}

function slots(traits: Record<string, Json>): Record<string, TraitSlot> {
  return Object.fromEntries(
    Object.entries(traits).map(([name, value]) => [
      name,
      { set: { value, stamp: { declared: true, at: 1, tie: name } } },
    ]),
  );
}
