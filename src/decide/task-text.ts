import { Liquid, type Template } from 'liquidjs';
import type { PersonView } from '../accounts/views.ts';
import type { Evaluation } from '../score/evaluation.ts';
import type { ConfigProblem } from '../shared/config-file.ts';
import { cut } from '../shared/cut.ts';
import { err, ok, type Result } from '../shared/result.ts';
import { oneLine } from '../shared/shown-text.ts';
import { isoDate } from '../shared/time.ts';
import type { AccountFacts } from './facts.ts';
import { earned, headlineOf } from './reasons.ts';

/** What a template may name. Product data comes in as values only; it is never parsed as a template. */
export interface TextFacts {
  account: { key: string; name: string; domain: string | null; link: string };
  score: { value: number; tier: string };
  /** The strongest behaviour in a few words. */
  headline: string;
  /** The trigger signals in words; '' when nothing in particular set it off. */
  trigger: string;
  lines: { why: string; points: number }[];
  people: number;
  person: {
    id: string;
    name: string | null;
    email: string | null;
    title: string | null;
    last_active: string;
  } | null;
  route: string;
  due: string;
}

export interface TaskText {
  subject: string;
  body: string;
}

export type TaskTemplate = (facts: TextFacts) => TaskText;

/** No file access, no unknown names or filters, bounded work: a template cannot reach beyond its facts. */
const liquid = new Liquid({
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  // `{% if trigger %}` with an empty text would be true, and leave "set off by: ." in the rep's task.
  jsTruthy: true,
  lenientIf: true,
  templates: {},
  parseLimit: 100_000,
  renderLimit: 1000,
  memoryLimit: 1_000_000,
});

const SUBJECT_MAX = 200;

/** A template file -> a function, or the line where it names what does not exist (checked on a sample). */
export function readTemplate(file: string, text: string): Result<TaskTemplate, ConfigProblem[]> {
  try {
    const parsed = liquid.parse(text);
    for (const sample of SAMPLES) {
      render(parsed, sample);
    }
    return ok((facts) => renderOrPlain(parsed, facts));
  } catch (error) {
    const { message, token } = error as Error & { token?: { getPosition?: () => number[] } };
    const line = token?.getPosition?.()[0] ?? 1;
    const allowed =
      'names of the facts: account, score, headline, trigger, lines, people, person, route, due';
    return err([{ file, line, path: '', found: message.split(', file')[0] ?? message, allowed }]);
  }
}

/** A text that fails, or goes on for too long, with the facts of one account must not keep it from its score (I9). */
function renderOrPlain(parsed: Template[], facts: TextFacts): TaskText {
  try {
    return render(parsed, facts);
  } catch {
    const { account, headline, score, lines } = facts;
    const body = [...lines.map(({ why, points }) => `- ${why} (+${points})`), account.link].join('\n');
    return { subject: cut(`${account.name}: ${headline} (score ${score.value})`, SUBJECT_MAX), body };
  }
}

function render(parsed: Template[], facts: TextFacts): TaskText {
  const text = String(liquid.renderSync(parsed, { ...facts })).trim();
  const [first = '', ...rest] = text.split('\n');
  return {
    subject: cut(first.trim(), SUBJECT_MAX),
    body: rest
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
  };
}

/** Everything a template may say about one crossing. */
export function textFacts(
  facts: AccountFacts,
  evaluation: Evaluation,
  crossing: { triggers: readonly string[]; route: string; due: string },
): TextFacts {
  const lines = earned(evaluation);
  const newest = mostRecent(facts.reachable);
  return {
    account: { key: line(facts.key), name: line(facts.name), domain: facts.domain, link: facts.link },
    score: { value: evaluation.value, tier: evaluation.tier },
    headline: line(headlineOf(evaluation)),
    trigger: crossing.triggers.map((signal) => signal.replaceAll('_', ' ')).join(', '),
    lines: lines.map(({ why, points }) => ({ why: line(why), points })),
    people: facts.people.length,
    person:
      newest === null
        ? null
        : {
            id: line(newest.id),
            name: newest.name === null ? null : line(newest.name),
            email: newest.email,
            title: newest.title === null ? null : line(newest.title),
            last_active: isoDate(newest.lastActive ?? 0),
          },
    route: crossing.route,
    due: crossing.due,
  };
}

/** As much of a name as anybody reads; and none of them can begin a line, and so pose as a sentence of ours. */
const LINE_MAX = 500;
const line = (text: string) => cut(oneLine(text), LINE_MAX);

/** The most recently active person; of two at the same instant the first by id. */
export function mostRecent(people: readonly PersonView[]): PersonView | null {
  const active = people.filter((person) => person.lastActive !== null);
  return active.sort(newestFirst)[0] ?? null;
}

/** The order of people by their newest activity; of two at the same instant the first by id. */
export function newestFirst(a: PersonView, b: PersonView): number {
  return (b.lastActive ?? 0) - (a.lastActive ?? 0) || (a.ref < b.ref ? -1 : 1);
}

const FULL: TextFacts = {
  account: {
    key: 'acct-7',
    name: 'Initech',
    domain: 'initech.example',
    link: 'https://example.test/accounts/acct-7',
  },
  score: { value: 85, tier: 'mql' },
  headline: '4 teammates invited',
  trigger: 'limit breach attempt',
  lines: [{ why: '4 teammates invited', points: 20 }],
  people: 4,
  person: { id: 'u-42', name: 'Ada', email: 'ada@initech.example', title: 'Ops', last_active: '2026-03-02' },
  route: 'SDR',
  due: '2026-03-03 12:00 UTC',
};
const SAMPLES: TextFacts[] = [FULL, { ...FULL, person: null, trigger: '', lines: [] }];
