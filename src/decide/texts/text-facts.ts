import { textOf } from '../../accounts/coerce.ts';
import type { PersonView } from '../../accounts/views.ts';
import type { Evaluation } from '../../score/evaluation.ts';
import type { Scene } from '../../score/find/look.ts';
import type { Model } from '../../score/model.ts';
import { cut } from '../../shared/cut.ts';
import { oneLine } from '../../shared/shown-text.ts';
import { isoDate } from '../../shared/time.ts';
import type { AccountFacts } from '../facts.ts';
import { earned, headlineOf } from '../reasons.ts';
import type { Evidence } from './evidence.ts';
import { calledName } from './first-name.ts';
import { mostRecent } from './people.ts';
import { plansOf, type Texts } from './plans.ts';
import { aboutOf, isAbout } from './rule-signals.ts';

/**
 * What a template may name. Product data comes in as values only; it is never parsed as a template. What is not known is null:
 * a template asks for it with `{% if %}` before it says it, which is checked when it is read.
 */
export interface TextFacts {
  account: {
    key: string;
    /** The company's name, else its domain, else the key. */
    name: string;
    /** Its name alone, for letters: nobody calls a company by its key. */
    company: string | null;
    domain: string | null;
    link: string;
    employees: string | null;
    industry: string | null;
    customer: boolean;
  };
  score: { value: number; tier: string };
  /** The strongest behaviour in a few words. */
  headline: string;
  /** What set it off, or else the newest behaviour that earned points; null: nothing in particular, or none in the last 30 days. */
  trigger: TriggerFacts | null;
  /** All that earned points. */
  lines: { why: string; points: number }[];
  /** What else they did: the lines that are about behaviour and not about the trigger. */
  also: { why: string; points: number }[];
  /** What speaks for the company: the lines that are about no behaviour. */
  company: { why: string; points: number }[];
  /** How many people are known. */
  people: number;
  /** Whom to get in touch with: who gave the trigger, else the most recently active; those with an e-mail before all others. */
  person: PersonFacts | null;
  /** What they are on, and the next one up. */
  plan: { id: string; name: string } | null;
  next_plan: { id: string; name: string; unlocks: string | null } | null;
  /** Words of ours, from handoff.yaml; those that are left empty there are null. */
  our: Record<string, string | null>;
  /** Which touch of how many this is, and the day of the first. */
  touch: { number: number; of: number; first: string };
  route: string;
  due: string;
}

/** The evidence as texts name it. */
export interface TriggerFacts extends Omit<Evidence, 'first' | 'last' | 'by'> {
  /** ISO dates, of the last 30 days. */
  first: string;
  last: string;
  /** For the rep: `Ada Moss`, `3 people`, or `somebody`. */
  who: string;
  /** For whoever reads the letter: `you`, or `your team` when others did it, too. */
  you: string;
  /** Who did it last. */
  by: PersonFacts | null;
}

export interface PersonFacts {
  id: string;
  name: string | null;
  /** As a letter calls them. */
  first_name: string | null;
  email: string | null;
  title: string | null;
  /** c_level, vp, director, manager or ic. */
  seniority: string | null;
  last_active: string | null;
}

/** What a text is made of. */
export interface TextQuestion {
  facts: AccountFacts;
  evaluation: Evaluation;
  scene: Scene;
  model: Model;
  texts: Texts;
  /** null: nothing in particular. */
  evidence: Evidence | null;
  touch: { number: number; of: number; first: number };
  route: string;
  due: string;
}

/** Everything a template may say about one touch. */
export function textFacts(asked: TextQuestion): TextFacts {
  const { facts, evaluation, evidence, texts, touch, route, due } = asked;
  const lines = earned(evaluation);
  return {
    account: accountFacts(facts),
    score: { value: evaluation.value, tier: evaluation.tier },
    headline: line(headlineOf(evaluation)),
    trigger: evidence === null ? null : triggerFacts(evidence, asked),
    lines: lines.map(said),
    ...sorted(asked),
    people: facts.people.length,
    person: contactOf(asked),
    ...plansOf(texts, facts.traits),
    our: Object.fromEntries(
      Object.entries(texts.our).map(([name, text]) => [name, text === '' ? null : text]),
    ),
    touch: { ...touch, first: isoDate(touch.first) },
    route,
    due,
  };
}

function accountFacts({ key, name, domain, link, traits }: AccountFacts): TextFacts['account'] {
  return {
    key: line(key),
    name: line(name),
    company: known(textOf(traits.name)),
    domain,
    link,
    employees: known(textOf(traits.employees)),
    industry: known(textOf(traits.industry)),
    customer: traits.customer === true,
  };
}

function triggerFacts({ by, ...evidence }: Evidence, asked: TextQuestion): TriggerFacts {
  const alone = evidence.people === 1 && by !== null;
  const name = by === null ? null : (by.name ?? by.email ?? by.id);
  return {
    ...evidence,
    thing: known(evidence.thing),
    last_thing: known(evidence.last_thing),
    first: isoDate(evidence.first),
    last: isoDate(evidence.last),
    who: alone && name !== null ? line(name) : evidence.people > 1 ? `${evidence.people} people` : 'somebody',
    you: alone && by?.ref === contactFor(asked)?.ref ? 'you' : 'your team',
    by: by === null ? null : personFacts(by, asked),
  };
}

/** Behaviour other than the trigger, and what speaks for the company; most points first. */
function sorted({ evaluation, model, evidence }: TextQuestion): Pick<TextFacts, 'also' | 'company'> {
  const about = aboutOf(model, evaluation.segment?.id);
  const isTold = (rule: string) =>
    evidence !== null && about.get(rule)?.signals.some((one) => isAbout(one, evidence.signal)) === true;
  const lines = earned(evaluation).filter(({ rule }) => !isTold(rule));
  const isCompany = ({ rule }: { rule: string }) => about.get(rule)?.company === true;
  return {
    also: lines.filter((one) => !isCompany(one)).map(said),
    company: lines.filter(isCompany).map(said),
  };
}

/** Whom a text is about, and its task hangs on: nobody who opted out of e-mail. */
export function contactFor({ facts, evidence }: Pick<TextQuestion, 'facts' | 'evidence'>): PersonView | null {
  const by = facts.reachable.find(({ ref }) => ref === evidence?.by?.ref) ?? null;
  const withMail = mostRecent(facts.reachable.filter(({ email }) => email !== null));
  return by !== null && by.email !== null ? by : (withMail ?? by ?? mostRecent(facts.reachable));
}

function contactOf(asked: TextQuestion): PersonFacts | null {
  const person = contactFor(asked);
  return person === null ? null : personFacts(person, asked);
}

function personFacts(person: PersonView, { scene }: TextQuestion): PersonFacts {
  const part = scene.state.parts.find((one) => one.person === person.ref);
  const seniority = part === undefined ? null : textOf(scene.person(part).seniority);
  return {
    id: line(person.id),
    name: known(person.name),
    first_name: known(calledName(person)),
    email: person.email,
    title: known(person.title),
    seniority,
    last_active: person.lastActive === null ? null : isoDate(person.lastActive),
  };
}

const known = (text: string | null) => (text === null ? null : line(text));

const said = ({ why, points }: { why: string; points: number }) => ({ why: line(why), points });

/** As much of a name as anybody reads; and none of them can begin a line, and so pose as a sentence of ours. */
const LINE_MAX = 500;
const line = (text: string) => cut(oneLine(text), LINE_MAX);
