import { comparable } from '../../accounts/coerce.ts';
import type { Bracket } from '../../accounts/measure.ts';
import { ACTIVITY, type PersonPart } from '../../accounts/state.ts';
import { knownAt } from '../../accounts/upto.ts';
import { contains, earliest, latest, leavesAt } from '../../accounts/window.ts';
import type { Json } from '../../shared/json.ts';
import { testText } from '../compile/test.ts';
import type { PeopleSubject, Test } from '../model.ts';
import { clipList, clipText } from './clip.ts';
import type { Look, Scene } from './look.ts';
import { isKnown, valuePasses } from './trait.ts';

/** Who was found, by when they leave the window; null: never. */
interface Found {
  people: (number | null)[];
  /** Value of the trait that is counted -> when its last person leaves. */
  values: Map<string, number | null>;
  /** People without that trait. */
  without: (number | null)[];
  /** When the next one begins to be active. */
  begins: number | null;
}

/** People of the account, or different values of one of their traits. Who lacks the trait is named, never counted (X-3). */
export class PeopleLook implements Look {
  readonly missing = null;
  readonly amount: number;
  readonly nextChange: number | null;
  private readonly distinct: string | null;
  private readonly found: Found;

  constructor(subject: PeopleSubject, scene: Scene, bracket: Bracket) {
    const found = find(subject, scene);
    const leaves = subject.distinct === null ? found.people : [...found.values.values()];
    this.distinct = subject.distinct;
    this.found = found;
    this.amount = leaves.length;
    const falls = subject.within === null ? null : fallsAt(leaves, bracket(leaves.length));
    this.nextChange = earliest(found.begins, falls);
  }

  evidence(): Record<string, Json> {
    if (this.distinct === null) {
      return { people: this.amount };
    }
    const without = this.found.without.length;
    const missing = without > 0 ? { missing: this.distinct, people_without: without } : {};
    return { unique: this.amount, ...clipList(this.kinds()), ...missing };
  }

  words(): Record<string, Json> {
    return { count: this.amount, value: clipText(this.kinds().join(', ')) };
  }

  short(test: Test | null): string {
    return shortOf(this.amount, this.distinct, this.found.without.length, test);
  }

  private kinds(): string[] {
    return [...this.found.values.keys()].sort();
  }
}

/** When so many have left that fewer than `least` are there. */
function fallsAt(leaves: readonly (number | null)[], least: number): number | null {
  if (least === Number.NEGATIVE_INFINITY) {
    return null;
  }
  const inTime = leaves.map((at) => at ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const at = inTime[leaves.length - Math.ceil(least)];
  return at === undefined || at === Number.POSITIVE_INFINITY ? null : at;
}

function shortOf(amount: number, distinct: string | null, without: number, test: Test | null): string {
  const wanted =
    test?.kind === 'number' && test.most === Number.POSITIVE_INFINITY
      ? ` of ${test.least}`
      : test === null
        ? ''
        : ` of ${testText(test)}`;
  if (distinct === null) {
    return `${amount}${wanted} people`;
  }
  return `${amount}${wanted} ${distinct}s known${without > 0 ? `, ${without} active without one` : ''}`;
}

function find(subject: PeopleSubject, scene: Scene): Found {
  const found: Found = { people: [], values: new Map(), without: [], begins: null };
  for (const part of scene.state.parts) {
    if (part.person !== null) {
      consider(found, part.person, part, subject, scene);
    }
  }
  return found;
}

const NOTHING: Readonly<Record<string, Json>> = {};

function consider(found: Found, ref: string, part: PersonPart, subject: PeopleSubject, scene: Scene): void {
  const { inside, leaves, begins } = presenceOf(part, subject, scene.now);
  if (!inside && begins === null) {
    return;
  }
  const { distinct, where } = subject;
  const isUser = ref.startsWith('u:');
  // Reading what is known of a person costs more than all the rest, and most rules only count heads.
  const facts = isUser && distinct === null && where.length === 0 ? NOTHING : scene.person(part);
  const isPerson = isUser || isKnown(facts.email);
  if (!isPerson || !where.every(({ trait, test }) => passes(test, facts[trait]))) {
    return;
  }
  found.begins = earliest(found.begins, begins);
  if (inside && distinct === null) {
    found.people.push(leaves);
  } else if (inside) {
    addValue(found, comparable(facts[distinct ?? '']), leaves);
  }
}

function addValue({ values, without }: Found, value: string | null, leaves: number | null): void {
  if (value === null) {
    without.push(leaves);
  } else {
    const known = values.get(value);
    values.set(value, known === undefined ? leaves : latest(known, leaves));
  }
}

function passes(test: Test, value: Json | undefined): boolean {
  if (test.kind === 'known') {
    return test.known === isKnown(value);
  }
  return isKnown(value) && valuePasses(test, value);
}

/** Whether the person counts as there, and when that begins or ends. */
function presenceOf(part: PersonPart, { within }: PeopleSubject, now: number) {
  if (within === null) {
    const seen = part.firstSeen ?? now;
    return seen > now
      ? { inside: false, leaves: null, begins: seen }
      : { inside: true, leaves: null, begins: null };
  }
  const activity = part.signals[ACTIVITY];
  if (activity === undefined) {
    return { inside: false, leaves: null, begins: null };
  }
  const { past, begins } = knownAt(activity, now);
  const inside = past !== null && contains(within, past.last, now);
  return { inside, leaves: inside ? leavesAt(within, past.last) : null, begins };
}
