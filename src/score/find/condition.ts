import type { Bracket } from '../../accounts/measure.ts';
import { contains, earliest, leavesAt } from '../../accounts/window.ts';
import type { Above, Condition, Subject, Target, Test } from '../model.ts';
import { DateLook } from './date.ts';
import { LastLook } from './last.ts';
import type { Look, Scene } from './look.ts';
import { PeopleLook } from './people.ts';
import { SignalLook } from './signal.ts';
import { SignupLook } from './signup.ts';
import { EntriesLook, TraitLook, valuePasses } from './trait.ts';

/** What a condition comes to. */
export interface Verdict {
  /** null: unknown, for lack of data. */
  readonly passed: boolean | null;
  readonly nextChange: number | null;
  /** What decided it, in words. */
  detail(): string;
  /** Adds the names of what is not known, each once. Most conditions miss nothing and need no list to say so. */
  addMissing(names: string[]): void;
}

export function look(subject: Target, scene: Scene, bracket: Bracket): Look {
  switch (subject.kind) {
    case 'signal':
      return new SignalLook(subject, scene, bracket);
    case 'last':
      return new LastLook(subject.signals, scene);
    case 'signup':
      return new SignupLook(scene);
    case 'date':
      return new DateLook(subject.trait, scene);
    case 'trait':
      return new TraitLook(subject.trait, scene.facts);
    case 'entries':
      return new EntriesLook(subject.trait, scene.facts);
    case 'people':
      return new PeopleLook(subject, scene, bracket);
  }
}

/** Whether what was found passes: true, false, or null when it is not known. */
export function holds(test: Test, found: Look, now: number): boolean | null {
  if (test.kind === 'known') {
    return test.known === (found.missing === null);
  }
  if (found.missing !== null) {
    return null;
  }
  if (test.kind === 'within') {
    const last = found.last ?? null;
    return last !== null && contains(test.window, last, now);
  }
  if (found.value !== undefined) {
    return valuePasses(test, found.value);
  }
  const amount = found.amount ?? 0;
  return test.kind === 'number' && amount >= test.least && amount <= test.most;
}

/** When a test that passes will fail only because time goes by; null: it asks nothing of time. */
export function flipsAt(test: Test, found: Look): number | null {
  return test.kind === 'within' && found.last != null ? leavesAt(test.window, found.last) : null;
}

/** True, false or unknown, with the first instant at which any part of it differs (I5). */
export function judge(condition: Condition, scene: Scene): Verdict {
  switch (condition.kind) {
    case 'atom':
      return isAbove(condition.subject)
        ? judgeAbove(condition.subject, scene)
        : new AtomVerdict(condition.subject, condition, scene);
    case 'not':
      return new Opposite(judge(condition.of, scene));
    default:
      return new Together(condition, scene);
  }
}

class AtomVerdict implements Verdict {
  readonly passed: boolean | null;
  readonly nextChange: number | null;
  private readonly test: Test;
  private readonly found: Look;

  constructor(subject: Target, { test, bracket }: Extract<Condition, { kind: 'atom' }>, scene: Scene) {
    const found = look(subject, scene, bracket);
    this.test = test;
    this.found = found;
    this.passed = holds(test, found, scene.now);
    this.nextChange =
      this.passed === true ? earliest(found.nextChange, flipsAt(test, found)) : found.nextChange;
  }

  detail(): string {
    return this.found.short(this.passed === true ? null : this.test);
  }

  addMissing(names: string[]): void {
    const { missing } = this.found;
    if (missing !== null && !names.includes(missing)) {
      names.push(missing);
    }
  }
}

function isAbove(subject: Subject): subject is Above {
  return subject.kind === 'rule' || subject.kind === 'gate';
}

/** What stands above has its own line, with its own evidence and its own next change. It is never unknown. */
class AboveVerdict implements Verdict {
  readonly nextChange = null;
  readonly passed: boolean;
  private readonly text: string;

  constructor(id: string, passed: boolean) {
    this.passed = passed;
    this.text = passed ? id : `not ${id}`;
  }

  detail(): string {
    return this.text;
  }

  addMissing(): void {}
}

/** There are two verdicts on each, the same for every account. */
function judgeAbove(subject: Above, { rules, gates }: Scene): Verdict {
  const id = subject.kind === 'rule' ? subject.rule : subject.gate;
  const passed = (subject.kind === 'rule' ? rules : gates).get(id) ?? false;
  let both = ABOVE.get(subject);
  if (both === undefined) {
    both = [new AboveVerdict(id, false), new AboveVerdict(id, true)];
    ABOVE.set(subject, both);
  }
  return passed ? both[1] : both[0];
}

const ABOVE = new WeakMap<Above, readonly [Verdict, Verdict]>();

class Opposite implements Verdict {
  readonly passed: boolean | null;
  readonly nextChange: number | null;
  private readonly inner: Verdict;

  constructor(inner: Verdict) {
    this.inner = inner;
    this.passed = inner.passed === null ? null : !inner.passed;
    this.nextChange = inner.nextChange;
  }

  detail(): string {
    return this.inner.detail();
  }

  addMissing(names: string[]): void {
    this.inner.addMissing(names);
  }
}

type Several = Exclude<Condition, { kind: 'atom' | 'not' }>;

class Together implements Verdict {
  readonly passed: boolean | null;
  readonly nextChange: number | null;
  private readonly parts: readonly Verdict[];

  constructor(condition: Several, scene: Scene) {
    const wanted = wantedOf(condition);
    let [met, open]: [number, number] = [0, 0];
    let nextChange: number | null = null;
    const parts: Verdict[] = [];
    for (const one of condition.of) {
      const part = judge(one, scene);
      met += part.passed === true ? 1 : 0;
      open += part.passed === null ? 1 : 0;
      nextChange = earliest(nextChange, part.nextChange);
      parts.push(part);
    }
    this.parts = parts;
    this.passed = met >= wanted ? true : met + open >= wanted ? null : false;
    this.nextChange = nextChange;
  }

  detail(): string {
    let text = '';
    for (const part of this.parts) {
      if ((this.passed === true) === (part.passed === true)) {
        text += text === '' ? part.detail() : `; ${part.detail()}`;
      }
    }
    return text;
  }

  addMissing(names: string[]): void {
    for (const part of this.parts) {
      part.addMissing(names);
    }
  }
}

/** How many of the parts must be true. */
function wantedOf(condition: Several): number {
  if (condition.kind === 'some') {
    return condition.atLeast;
  }
  return condition.kind === 'all' ? condition.of.length : 1;
}
