import { readFileSync } from 'node:fs';
import { Engine, type RuleProperties } from 'json-rules-engine';
import type { AccountState } from '../src/accounts/state.ts';
import { plainFacts } from '../src/score/compile/known.ts';
import { readModel } from '../src/score/compile/read.ts';
import { evaluate, scoreOf } from '../src/score/evaluate.ts';
import type { Model } from '../src/score/model.ts';
import { utcDay } from '../src/shared/time.ts';
import { eventsOf, foldEvents, NOW, shippedPlan } from './account.ts';
import { bestOf, table, whole } from './timing.ts';

/** Accounts as freemium products have them: most are small, few are busy. */
const SIZES = [0, 1, 3, 3, 5, 8, 10, 15, 20, 40, 80, 300];

/**
 * Accounts scored per second on one core with the activation-gated preset: with its explanation and without, beside
 * a function written by hand for the same rules, and json-rules-engine with the same rules as facts and conditions.
 * All read the same account states.
 */
export async function score(): Promise<void> {
  const plan = shippedPlan();
  const model = presetOf(plan);
  const states = SIZES.map((size, i) => accountOf(size, i));
  const engine = engineOf();
  await agree(model, states, engine);
  const rate = (ms: number) => (states.length * ROUNDS * 1000) / ms;
  // A state of its own for each score: facts are kept per state object, and would be read once only.
  const explained = rate(
    await bestOf(5, () => times(() => states.map((state) => evaluate(model, { ...state }, NOW)))),
  );
  const numbers = rate(
    await bestOf(5, () => times(() => states.map((state) => scoreOf(model, { ...state }, NOW)))),
  );
  const hand = rate(await bestOf(5, () => times(() => states.map((state) => byHand(state, NOW)))));
  const rules = rate(await bestOf(3, () => timesAsync(() => runAll(engine, states))));
  console.log(
    table([
      ['activation-gated', 'accounts/s', ': json-rules-engine', ': by hand'],
      ...[
        ['with explanation', explained],
        ['numbers alone', numbers],
        ['by hand', hand],
        ['json-rules-engine', rules],
      ].map(([name, value]) => [
        String(name),
        whole(Number(value)),
        (Number(value) / rules).toFixed(1),
        (Number(value) / hand).toFixed(3),
      ]),
    ]),
  );
}

const ROUNDS = 1000;

function times(work: () => unknown): void {
  for (let i = 0; i < ROUNDS; i++) {
    work();
  }
}

async function timesAsync(work: () => Promise<unknown>): Promise<void> {
  for (let i = 0; i < ROUNDS; i++) {
    await work();
  }
}

function presetOf(plan: ReturnType<typeof shippedPlan>): Model {
  const file = 'mappings/models/activation-gated.yaml';
  const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
  const read = readModel(file, text, { signals: plan.signals, facts: plainFacts, other: () => undefined });
  if (!read.ok) {
    throw new Error(JSON.stringify(read.error));
  }
  return read.value;
}

function accountOf(size: number, i: number): AccountState {
  const events = eventsOf(Math.max(1, size)).slice(0, size);
  const aha = { ...eventsOf(1)[0], id: `aha-${i}`, name: 'Aha Moment Reached', at: NOW - i * 86_400_000 };
  const all = i % 2 === 0 ? [...events, aha as (typeof events)[number]] : events;
  const state = foldEvents(shippedPlan(), all);
  const [part] = state.parts;
  if (part !== undefined) {
    const stamp = { declared: true, at: NOW, tie: 'a' };
    part.accountTraits = {
      employees: { set: { value: 40 * i, stamp } },
      industry: { set: { value: 'Software', stamp } },
    };
  }
  return state;
}

/** Occurrences of a signal in the last 90 UTC days, from the days of the same state. */
function countOf({ parts }: AccountState, id: string, now: number): number {
  const from = utcDay(now) - 90;
  let sum = 0;
  for (const { signals } of parts) {
    const days = signals[id]?.days;
    if (days !== undefined) {
      for (let i = days.length - 2; i >= 0 && (days[i] ?? 0) > from; i -= 2) {
        sum += days[i + 1] ?? 0;
      }
    }
  }
  return sum;
}

function teamOf({ parts }: AccountState): number {
  return parts.filter(({ person, traits }) => person?.startsWith('u:') || traits.email !== undefined).length;
}

function activeDaysOf({ parts }: AccountState, now: number): number {
  const from = utcDay(now) - 90;
  const found = new Set<number>();
  for (const { signals } of parts) {
    const days = signals.activity?.days ?? [];
    for (let i = days.length - 2; i >= 0 && (days[i] ?? 0) > from; i -= 2) {
      found.add(days[i] ?? 0);
    }
  }
  return found.size;
}

function featuresOf({ parts }: AccountState, now: number): number {
  const from = utcDay(now) - 90;
  const found = new Set<string>();
  for (const { signals } of parts) {
    const members = signals.key_features?.members ?? signals.key_feature_used?.members;
    for (const feature in members) {
      if (utcDay(members[feature]?.[1] ?? 0) > from) {
        found.add(feature);
      }
    }
  }
  return found.size;
}

function ageOf({ parts }: AccountState, now: number): number {
  return now - Math.max(...parts.map(({ signals }) => signals.activity?.last ?? Number.NEGATIVE_INFINITY));
}

function traitOf({ parts }: AccountState, name: string): unknown {
  return parts
    .map(({ accountTraits }) => accountTraits[name]?.set?.value)
    .find((value) => value !== undefined);
}

const HOUR = 3_600_000;
const VERTICALS = ['software', 'financial services', 'healthcare'];
const BARRED = ['competitor', 'own'];
const PRIVATE = ['free', 'disposable', 'student'];

/** The same rules for whoever writes them by hand: no explanation, and no word on until when they hold. */
function byHand(state: AccountState, now: number): { value: number; tier: string } {
  const has = (id: string) => countOf(state, id, now) > 0;
  const limit = has('limit_reached') || has('limit_breach_attempt');
  const premium = has('premium_feature_attempted');
  const team = teamOf(state) >= 3;
  const demo = has('demo_requested');
  const checkout = has('checkout_started');
  const pricing = countOf(state, 'pricing_viewed', now) >= 3;
  const active = activeDaysOf(state, now) >= 14;
  const features = featuresOf(state, now) >= 3;
  const employees = traitOf(state, 'employees');
  const industry = traitOf(state, 'industry');
  const large = Number(employees) >= 100;
  const vertical = VERTICALS.includes(String(industry).toLowerCase());
  const customer = traitOf(state, 'customer') === true;
  const outgrows = customer && (limit || premium || team || active);
  const activated = state.parts.some(({ signals }) => signals.aha !== undefined);
  let points = 0;
  points += limit ? 30 : 0;
  points += premium ? 20 : 0;
  points += team ? 25 : 0;
  points += demo ? 30 : 0;
  points += checkout ? 40 : 0;
  points += pricing ? 15 : 0;
  points += active ? 10 : 0;
  points += features ? 10 : 0;
  points += large ? 10 : 0;
  points += vertical ? 10 : 0;
  points += outgrows ? 20 : 0;
  const age = ageOf(state, now);
  const factor = age < 168 * HOUR ? 1 : age < 720 * HOUR ? 0.5 : 0.1;
  const strong = limit || premium || team || demo || checkout;
  const churned = Date.parse(String(traitOf(state, 'churned_at')));
  const gone = utcDay(churned) > utcDay(now) - 90 && !customer;
  const kind = String(traitOf(state, 'domain_kind'));
  const contactable = !BARRED.includes(kind) && (customer || !PRIVATE.includes(kind)) && !gone;
  const listed = [traitOf(state, 'target_lists')].flat().includes('enterprise');
  const icp = large || vertical || listed || customer || employees === undefined || industry === undefined;
  const open = strong && contactable && icp;
  return tierOf(activated ? points * factor : 0, open, activated && pricing);
}

function tierOf(value: number, open: boolean, looking: boolean): { value: number; tier: string } {
  if (open && value >= 76) {
    return { value, tier: 'burning' };
  }
  if (open && value >= 51) {
    return { value, tier: 'hot' };
  }
  return { value, tier: value >= 26 || looking ? 'warm' : 'cold' };
}

/** The rules as a user of json-rules-engine writes them: facts as functions of the account, a rule for each award, gate and step. */
function engineOf(): Engine {
  const engine = new Engine();
  const fact = (name: string, read: (state: AccountState, params: Record<string, string>) => unknown) =>
    engine.addFact(name, async (params, almanac) =>
      read(await almanac.factValue<AccountState>('account'), params as Record<string, string>),
    );
  fact('count', (state, { signal = '' }) => countOf(state, signal, NOW));
  fact('activated', ({ parts }) => parts.some(({ signals }) => signals.aha !== undefined));
  fact('team', teamOf);
  fact('active days', (state) => activeDaysOf(state, NOW));
  fact('features', (state) => featuresOf(state, NOW));
  fact('age', (state) => ageOf(state, NOW));
  fact('churned days ago', (state) => {
    const churned = Date.parse(String(traitOf(state, 'churned_at')));
    return Number.isNaN(churned) ? Number.POSITIVE_INFINITY : utcDay(NOW) - utcDay(churned);
  });
  fact('lists', (state) => [traitOf(state, 'target_lists') ?? []].flat());
  fact('trait', (state, { name = '' }) => {
    const value = traitOf(state, name);
    return typeof value === 'string' ? value.toLowerCase() : (value ?? null);
  });
  for (const [id, points, conditions] of AWARDS) {
    engine.addRule({ conditions, event: { type: 'points', params: { id, points } } });
  }
  for (const [id, conditions] of GATES) {
    engine.addRule({ conditions, event: { type: 'gate', params: { id } } });
  }
  for (const [factor, least, most] of RECENCY) {
    const conditions = { all: [asks('age', 'greaterThanInclusive', least), asks('age', 'lessThan', most)] };
    engine.addRule({ conditions, event: { type: 'factor', params: { factor } } });
  }
  return engine;
}

type Conditions = RuleProperties['conditions'];

const asks = (fact: string, operator: string, value: unknown, params?: Record<string, string>) => ({
  fact,
  operator,
  value,
  ...(params === undefined ? {} : { params }),
});
const given = (signal: string, least = 1) => asks('count', 'greaterThanInclusive', least, { signal });
const trait = (name: string, operator: string, value: unknown) => asks('trait', operator, value, { name });

const LIMIT = { any: [given('limit_reached'), given('limit_breach_attempt')] };
const PREMIUM = given('premium_feature_attempted');
const TEAM = asks('team', 'greaterThanInclusive', 3);
const ACTIVE = asks('active days', 'greaterThanInclusive', 14);
const LARGE = trait('employees', 'greaterThanInclusive', 100);
const VERTICAL = trait('industry', 'in', VERTICALS);
const CUSTOMER = trait('customer', 'equal', true);

const AWARDS: readonly [string, number, Conditions][] = [
  ['limit_hit', 30, LIMIT],
  ['premium_feature', 20, { all: [PREMIUM] }],
  ['team', 25, { all: [TEAM] }],
  ['demo', 30, { all: [given('demo_requested')] }],
  ['checkout', 40, { all: [given('checkout_started')] }],
  ['pricing_visits', 15, { all: [given('pricing_viewed', 3)] }],
  ['active_days', 10, { all: [ACTIVE] }],
  ['features', 10, { all: [asks('features', 'greaterThanInclusive', 3)] }],
  ['company_size', 10, { all: [LARGE] }],
  ['vertical', 10, { all: [VERTICAL] }],
  ['expansion', 20, { all: [CUSTOMER, { any: [LIMIT, PREMIUM, TEAM, ACTIVE] }] }],
];

const GATES: readonly [string, Conditions][] = [
  ['activated', { all: [asks('activated', 'equal', true)] }],
  ['strong_signal', { any: [LIMIT, PREMIUM, TEAM, given('demo_requested'), given('checkout_started')] }],
  [
    'contactable',
    {
      all: [
        trait('domain_kind', 'notIn', BARRED),
        { any: [trait('domain_kind', 'notIn', PRIVATE), CUSTOMER] },
        { any: [asks('churned days ago', 'greaterThanInclusive', 90), CUSTOMER] },
      ],
    },
  ],
  [
    'icp',
    {
      any: [
        LARGE,
        VERTICAL,
        asks('lists', 'contains', 'enterprise'),
        CUSTOMER,
        trait('employees', 'equal', null),
        trait('industry', 'equal', null),
      ],
    },
  ],
  ['looking_at_prices', { all: [asks('activated', 'equal', true), given('pricing_viewed', 3)] }],
];

const RECENCY = [
  [1, Number.NEGATIVE_INFINITY, 168 * HOUR],
  [0.5, 168 * HOUR, 720 * HOUR],
  [0.1, 720 * HOUR, Number.POSITIVE_INFINITY],
] as const;

async function byEngine(engine: Engine, account: AccountState): Promise<{ value: number; tier: string }> {
  const { events } = await engine.run({ account });
  let [points, factor] = [0, 0.1];
  const passed = new Set<string>();
  for (const { type, params } of events) {
    points += type === 'points' ? (params?.points as number) : 0;
    factor = type === 'factor' ? (params?.factor as number) : factor;
    if (type === 'gate') {
      passed.add(params?.id as string);
    }
  }
  const open = ['strong_signal', 'contactable', 'icp'].every((id) => passed.has(id));
  return tierOf(passed.has('activated') ? points * factor : 0, open, passed.has('looking_at_prices'));
}

async function runAll(engine: Engine, states: readonly AccountState[]): Promise<void> {
  for (const state of states) {
    await byEngine(engine, state);
  }
}

/** A comparison of things that do not do the same would say nothing. */
async function agree(model: Model, states: readonly AccountState[], engine: Engine): Promise<void> {
  for (const state of states) {
    const { value, tier } = evaluate(model, state, NOW);
    for (const other of [byHand(state, NOW), await byEngine(engine, state)]) {
      if (Math.abs(other.value - value) > 1e-9 || other.tier !== tier) {
        throw new Error(`${value} ${tier} is not ${other.value} ${other.tier}`);
      }
    }
  }
}
