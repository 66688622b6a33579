import { contains, earliest, leavesAt } from '../../accounts/window.ts';
import type { Condition, Subject, Test } from '../model.ts';
import { lookAtLast } from './last.ts';
import type { Look, Scene } from './look.ts';
import { lookAtPeople } from './people.ts';
import { lookAtSignal } from './signal.ts';
import { lookAtSignup } from './signup.ts';
import { lookAtEntries, lookAtTrait, valuePasses } from './trait.ts';

/** What a condition comes to. */
export interface Verdict {
  /** null: unknown, for lack of data. */
  passed: boolean | null;
  nextChange: number | null;
  /** What decided it, in words. */
  detail(): string;
  /** Names of what is not known. */
  missing: readonly string[];
}

export function look(subject: Subject, scene: Scene): Look {
  switch (subject.kind) {
    case 'signal':
      return lookAtSignal(subject.signal, subject.window, scene);
    case 'last':
      return lookAtLast(subject.signals, scene);
    case 'signup':
      return lookAtSignup(scene);
    case 'trait':
      return lookAtTrait(subject.trait, scene.facts);
    case 'entries':
      return lookAtEntries(subject.trait, scene.facts);
    case 'people':
      return lookAtPeople(subject, scene);
    case 'rule':
      return lookAbove('rule', subject.rule, scene.rules.get(subject.rule) ?? false);
    case 'gate':
      return lookAbove('gate', subject.gate, scene.gates.get(subject.gate) ?? false);
  }
}

/** What stands above has its own line, with its own evidence and its own next change. */
function lookAbove(what: string, id: string, gave: boolean): Look {
  return {
    amount: Number(gave),
    missing: null,
    nextChange: null,
    evidence: () => ({ [what]: id, passed: gave }),
    words: () => ({}),
    short: () => (gave ? id : `not ${id}`),
  };
}

/** Whether what was found passes: true, false, or null when it is not known; and when that flips by itself. */
export function holds(
  test: Test,
  found: Look,
  now: number,
): { passed: boolean | null; nextChange: number | null } {
  if (test.kind === 'known') {
    return { passed: test.known === (found.missing === null), nextChange: null };
  }
  if (found.missing !== null) {
    return { passed: null, nextChange: null };
  }
  if (test.kind === 'within') {
    const last = found.last ?? null;
    const passed = last !== null && contains(test.window, last, now);
    return { passed, nextChange: passed ? leavesAt(test.window, last) : null };
  }
  if (found.value !== undefined) {
    return { passed: valuePasses(test, found.value), nextChange: null };
  }
  const amount = found.amount ?? 0;
  return { passed: test.kind === 'number' && amount >= test.least && amount <= test.most, nextChange: null };
}

/** True, false or unknown, with the first instant at which any part of it could differ (I5). */
export function judge(condition: Condition, scene: Scene): Verdict {
  switch (condition.kind) {
    case 'atom': {
      const found = look(condition.subject, scene);
      const { passed, nextChange } = holds(condition.test, found, scene.now);
      return {
        passed,
        nextChange: earliest(found.nextChange, nextChange),
        detail: () => found.short(passed === true ? null : condition.test),
        missing: found.missing === null ? [] : [found.missing],
      };
    }
    case 'not': {
      const inner = judge(condition.of, scene);
      return { ...inner, passed: inner.passed === null ? null : !inner.passed };
    }
    default:
      return combine(
        condition,
        condition.of.map((one) => judge(one, scene)),
      );
  }
}

type Several = Exclude<Condition, { kind: 'atom' | 'not' }>;

function combine(condition: Several, parts: readonly Verdict[]): Verdict {
  const wanted = wantedOf(condition);
  const met = parts.filter(({ passed }) => passed === true);
  const open = parts.filter(({ passed }) => passed === null);
  const passed = met.length >= wanted ? true : met.length + open.length >= wanted ? null : false;
  const telling = passed === true ? met : parts.filter((part) => part.passed !== true);
  return {
    passed,
    nextChange: parts.reduce<number | null>((at, part) => earliest(at, part.nextChange), null),
    detail: () => telling.map((part) => part.detail()).join('; '),
    missing: [...new Set(parts.flatMap(({ missing }) => missing))],
  };
}

/** How many of the parts must be true. */
function wantedOf(condition: Several): number {
  if (condition.kind === 'some') {
    return condition.atLeast;
  }
  return condition.kind === 'all' ? condition.of.length : 1;
}
