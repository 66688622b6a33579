import type { PersonFacts, TextFacts } from './text-facts.ts';

const ADA: PersonFacts = {
  id: 'u-42',
  name: 'Ada Moss',
  first_name: 'Ada',
  email: 'ada@initech.example',
  title: 'Head of Operations',
  seniority: 'director',
  last_active: '2026-03-02',
};

const FULL: Omit<TextFacts, 'our'> = {
  account: {
    key: 'acct-7',
    name: 'Initech',
    company: 'Initech',
    domain: 'initech.example',
    link: 'https://example.test/accounts/acct-7',
    employees: '240',
    industry: 'Software',
    customer: false,
  },
  score: { value: 85, tier: 'mql' },
  headline: '4 teammates invited',
  trigger: {
    signal: 'limit_breach_attempt',
    name: 'limit breach attempt',
    words: 'tried to go past a plan limit 3 times',
    times: '3 times',
    count: 3,
    people: 2,
    thing: 'seats',
    last_thing: 'seats',
    first: '2026-02-26',
    last: '2026-03-02',
    who: '2 people',
    you: 'your team',
    by: ADA,
  },
  lines: [{ why: '4 teammates invited', points: 20 }],
  also: [{ why: '4 teammates invited', points: 20 }],
  company: [{ why: '240 employees', points: 15 }],
  people: 4,
  person: ADA,
  plan: { id: 'free', name: 'Free' },
  next_plan: { id: 'pro', name: 'Pro', unlocks: 'single sign-on' },
  touch: { number: 1, of: 3, first: '2026-03-02' },
  route: 'SDR',
  due: '2026-03-03 12:00 UTC',
};

/** Facts that may be unknown, by where they stand; those inside others come after these. */
const OPTIONAL: readonly string[][] = [
  ['account', 'company'],
  ['account', 'domain'],
  ['account', 'employees'],
  ['account', 'industry'],
  ['trigger'],
  ['trigger', 'words'],
  ['trigger', 'thing'],
  ['trigger', 'last_thing'],
  ['trigger', 'by'],
  ...inPerson(['trigger', 'by']),
  ['person'],
  ...inPerson(['person']),
  ['plan'],
  ['next_plan'],
  ['next_plan', 'unlocks'],
];

function inPerson(at: readonly string[]): string[][] {
  return ['name', 'first_name', 'email', 'title', 'seniority', 'last_active'].map((key) => [...at, key]);
}

/** Facts of which some may be missing. */
export type Sample = Record<string, unknown>;

export interface Samples {
  /** All facts. */
  full: Sample;
  /** Without one fact that may be unknown, and all inside it. */
  lacking: { path: string; facts: Sample }[];
  /** Without names and addresses, and with nothing but what is always known. */
  bare: Sample[];
}

/** Facts to try a template with. What is unknown is left out, so that naming it unasked fails. */
export function sampleFacts(our: Readonly<Record<string, string>>): Samples {
  const given = Object.entries(our).filter(([, text]) => text !== '');
  const full: Sample = { ...FULL, our: Object.fromEntries(given) };
  const nobody = { ...full, lines: [], also: [], company: [], people: 0 };
  const nameless = without(full, inPerson(['person']).concat(inPerson(['trigger', 'by'])));
  return {
    full,
    lacking: OPTIONAL.map((path) => ({ path: path.join('.'), facts: without(full, [path]) })),
    bare: [nameless, without(nobody, OPTIONAL)],
  };
}

function without(facts: Sample, paths: readonly string[][]): Sample {
  const left = structuredClone(facts);
  for (const path of paths) {
    const holder = path
      .slice(0, -1)
      .reduce<Sample | undefined>((at, key) => at?.[key] as Sample | undefined, left);
    delete holder?.[path.at(-1) ?? ''];
  }
  return left;
}
