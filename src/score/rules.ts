import { Decimal } from 'decimal.js';
import { listOf, numberOf, textOf } from '../accounts/coerce.ts';
import { ACTIVITY, type AccountState } from '../accounts/state.ts';
import { accountTraits, people } from '../accounts/views.ts';
import { earliest, tallyOf, type Window } from '../accounts/window.ts';
import type { Json } from '../shared/json.ts';
import { isoDate, startOfUtcDay, utcDay } from '../shared/time.ts';
import type { RuleLine } from './evaluation.ts';
import type { Judged } from './gates.ts';
import type { RuleConfig } from './model-schema.ts';
import { rangeOf } from './ranges.ts';
import { sentence } from './sentence.ts';

/** What a rule found: how many awards, with what to show for it. */
interface Finding {
  awards: number;
  evidence: Record<string, Json>;
  /** Values for the placeholders of `why`. */
  words: Record<string, Json>;
  /** What to say when nothing was earned. */
  otherwise: string;
  nextChange: number | null;
}

/** One rule's line: points, evidence and a sentence, also when nothing was earned. */
export function evaluateRule(rule: RuleConfig, state: AccountState, now: number): Judged<RuleLine> {
  const finding = find(rule, state, now);
  const awards = rule.points.each ? finding.awards : Math.min(1, finding.awards);
  const uncapped = new Decimal(rule.points.amount).times(awards);
  const points = rule.cap === undefined ? uncapped : Decimal.min(uncapped, rule.cap);
  const line: RuleLine = {
    rule: rule.id,
    group: rule.group,
    points: points.toNumber(),
    ...(rule.cap === undefined ? {} : { uncapped: uncapped.toNumber(), cap: Number(rule.cap) }),
    why: awards > 0 ? sentence(rule.why, finding.words) : finding.otherwise,
    evidence: finding.evidence,
  };
  return { line, nextChange: finding.nextChange };
}

function find(rule: RuleConfig, state: AccountState, now: number): Finding {
  if (rule.signal !== undefined) {
    return findSignal(rule.signal, rule.window ?? 'lifetime', state, now);
  }
  return rule.people === undefined ? findTrait(rule, state) : findPeople(rule.people, state, now);
}

function findSignal(signal: string, window: Window, state: AccountState, now: number): Finding {
  const tally = tallyOf(state, signal, window, now);
  const distinct = tally.members.length > 0;
  const count = distinct ? tally.distinct : tally.count;
  const dates: Record<string, Json> =
    tally.first === null || tally.last === null
      ? {}
      : { first: isoDate(tally.first), last: isoDate(tally.last) };
  return {
    awards: count,
    evidence: { [distinct ? 'unique' : 'count']: count, people: tally.users.length, ...dates },
    words: { count, people: tally.users.length, ...dates },
    otherwise: `none in ${inWords(window)}`,
    nextChange: tally.nextChange,
  };
}

function findTrait(rule: RuleConfig, state: AccountState): Finding {
  const name = rule.trait ?? '';
  const value = accountTraits(state)[name];
  const base = { words: { value: value ?? null }, nextChange: null };
  if (value === undefined) {
    return { ...base, awards: 0, evidence: { missing: name }, otherwise: `${name} is not known` };
  }
  if (rule.entries !== undefined) {
    const entries = [...new Set(listOf(value).map((entry) => entry.toLowerCase()))].sort();
    return {
      ...base,
      awards: entries.length,
      evidence: { unique: entries.length, value: entries },
      words: { count: entries.length, value: entries.join(', ') },
      otherwise: `${name} has no entries`,
    };
  }
  const awards = rule.between === undefined ? isIn(value, rule.in ?? []) : isBetween(value, rule.between);
  return {
    ...base,
    awards,
    evidence: { value },
    otherwise: `${name} is ${textOf(value) ?? JSON.stringify(value)}`,
  };
}

function isIn(value: Json, allowed: readonly string[]): number {
  const text = textOf(value)?.toLowerCase();
  return allowed.some((one) => one.trim().toLowerCase() === text) ? 1 : 0;
}

/** A number inside, or a textual range that lies wholly inside; bounds included. */
function isBetween(value: Json, [least, most]: readonly [number, number]): number {
  const number = numberOf(value);
  const range = number === null ? rangeOf(textOf(value) ?? '') : { from: number, to: number };
  return range !== null && range.from >= least && range.to <= most ? 1 : 0;
}

/** How many kinds of people were active: awards once there are enough. Unknown kinds are named, never counted. */
function findPeople(config: NonNullable<RuleConfig['people']>, state: AccountState, now: number): Finding {
  const kinds = new Set<string>();
  let unknown = 0;
  let nextChange: number | null = null;
  for (const person of people(state)) {
    const own: AccountState = {
      key: state.key,
      parts: state.parts.filter((part) => part.person === person.ref),
    };
    const tally = tallyOf(own, ACTIVITY, config.active_within, now);
    nextChange = earliest(nextChange, activeUntil(tally.last, config.active_within) ?? tally.nextChange);
    const kind = textOf(person.traits[config.distinct])?.toLowerCase();
    if (tally.last !== null) {
      unknown += kind === undefined ? 1 : 0;
      kinds.add(kind ?? '');
    }
  }
  kinds.delete('');
  const found = [...kinds].sort();
  const missing = unknown > 0 ? { missing: config.distinct, people_without: unknown } : {};
  return {
    awards: found.length >= config.at_least ? 1 : 0,
    evidence: { unique: found.length, value: found, ...missing },
    words: { count: found.length, value: found.join(', ') },
    otherwise: `${found.length} of ${config.at_least} ${config.distinct}s known${unknown > 0 ? `, ${unknown} active without one` : ''}`,
    nextChange,
  };
}

/** An active person counts until their newest activity leaves the window. */
function activeUntil(last: number | null, window: Window): number | null {
  if (last === null || window === 'lifetime') {
    return null;
  }
  return 'days' in window ? startOfUtcDay(utcDay(last) + window.days) : last + window.hours * 3_600_000;
}

function inWords(window: Window): string {
  if (window === 'lifetime') {
    return 'all time';
  }
  return 'days' in window ? `the last ${window.days} days` : `the last ${window.hours} hours`;
}
