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
  const explained = rate(bestOf(5, () => times(() => states.map((state) => evaluate(model, state, NOW)))));
  const numbers = rate(bestOf(5, () => times(() => states.map((state) => scoreOf(model, state, NOW)))));
  const hand = rate(bestOf(5, () => times(() => states.map((state) => byHand(state, NOW)))));
  const rules = rate(await bestOfAsync(3, states, engine));
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

const ROUNDS = 200;

function times(work: () => unknown): void {
  for (let i = 0; i < ROUNDS; i++) {
    work();
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

/** The same rules for whoever writes them by hand: days and tallies of the same state, no explanation. */
export function factsByHand({ parts }: AccountState, now: number) {
  const from = utcDay(now) - 90;
  const inWindow = (id: string) => {
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
  };
  const activeDays = new Set<number>();
  const features = new Set<string>();
  let lastActive = Number.NEGATIVE_INFINITY;
  let team = 0;
  let employees: unknown = 0;
  let industry: unknown = '';
  for (const { person, signals, traits, accountTraits } of parts) {
    team += person?.startsWith('u:') || traits.email !== undefined ? 1 : 0;
    const activity = signals.activity;
    if (activity !== undefined) {
      lastActive = Math.max(lastActive, activity.last);
      for (let i = activity.days.length - 2; i >= 0 && (activity.days[i] ?? 0) > from; i -= 2) {
        activeDays.add(activity.days[i] ?? 0);
      }
    }
    const members = signals.key_features?.members ?? signals.key_feature_used?.members;
    for (const feature in members) {
      if (utcDay(members[feature]?.[1] ?? 0) > from) {
        features.add(feature);
      }
    }
    employees = accountTraits.employees?.set?.value ?? employees;
    industry = accountTraits.industry?.set?.value ?? industry;
  }
  return {
    activated: parts.some(({ signals }) => signals.aha !== undefined),
    limits: inWindow('limit_reached') + inWindow('limit_breach_attempt'),
    premium: inWindow('premium_feature_attempted'),
    team,
    demos: inWindow('demo_requested'),
    checkouts: inWindow('checkout_started'),
    pricing: inWindow('pricing_viewed'),
    activeDays: activeDays.size,
    features: features.size,
    employees: Number(employees),
    industry: String(industry).toLowerCase(),
    age: now - lastActive,
  };
}

const HOUR = 3_600_000;
const VERTICALS = ['software', 'financial services', 'healthcare'];

function byHand(state: AccountState, now: number): { value: number; tier: string } {
  const facts = factsByHand(state, now);
  let points = 0;
  points += facts.limits > 0 ? 30 : 0;
  points += facts.premium > 0 ? 20 : 0;
  points += facts.team >= 3 ? 25 : 0;
  points += facts.demos > 0 ? 30 : 0;
  points += facts.checkouts > 0 ? 40 : 0;
  const strong = points > 0;
  points += facts.pricing >= 3 ? 15 : 0;
  points += facts.activeDays >= 14 ? 10 : 0;
  points += facts.features >= 3 ? 10 : 0;
  points += facts.employees >= 100 ? 10 : 0;
  points += VERTICALS.includes(facts.industry) ? 10 : 0;
  const factor = facts.age < 168 * HOUR ? 1 : facts.age < 720 * HOUR ? 0.5 : 0.1;
  const value = facts.activated ? points * factor : 0;
  return { value, tier: tierByHand(value, strong, facts.activated && facts.pricing >= 3) };
}

function tierByHand(value: number, strong: boolean, looking: boolean): string {
  if (strong && value >= 76) {
    return 'burning';
  }
  if (strong && value >= 51) {
    return 'hot';
  }
  return value >= 26 || looking ? 'warm' : 'cold';
}

/** The rules as a user of json-rules-engine writes them: one rule for each award, facts read from the account. */
function engineOf(): Engine {
  const engine = new Engine([], { allowUndefinedFacts: true });
  for (const [id, points, fact, operator, value] of AWARDS) {
    engine.addRule({
      conditions: {
        all: [
          { fact: 'activated', operator: 'equal', value: true },
          { fact, operator, value },
        ],
      },
      event: { type: 'points', params: { id, points } },
    });
  }
  for (const [factor, least, most] of RECENCY) {
    engine.addRule(recencyRule(factor, least, most));
  }
  return engine;
}

const AWARDS: readonly [string, number, string, string, number | string[]][] = [
  ['limit_hit', 30, 'limits', 'greaterThan', 0],
  ['premium_feature', 20, 'premium', 'greaterThan', 0],
  ['team', 25, 'team', 'greaterThanInclusive', 3],
  ['demo', 30, 'demos', 'greaterThan', 0],
  ['checkout', 40, 'checkouts', 'greaterThan', 0],
  ['pricing_visits', 15, 'pricing', 'greaterThanInclusive', 3],
  ['active_days', 10, 'activeDays', 'greaterThanInclusive', 14],
  ['features', 10, 'features', 'greaterThanInclusive', 3],
  ['company_size', 10, 'employees', 'greaterThanInclusive', 100],
  ['vertical', 10, 'industry', 'in', VERTICALS],
];

const RECENCY = [
  [1, Number.NEGATIVE_INFINITY, 168 * HOUR],
  [0.5, 168 * HOUR, 720 * HOUR],
  [0.1, 720 * HOUR, Number.POSITIVE_INFINITY],
] as const;

function recencyRule(factor: number, least: number, most: number): RuleProperties {
  return {
    conditions: {
      all: [
        { fact: 'age', operator: 'greaterThanInclusive', value: least },
        { fact: 'age', operator: 'lessThan', value: most },
      ],
    },
    event: { type: 'factor', params: { factor } },
  };
}

const STRONG = ['limit_hit', 'premium_feature', 'team', 'demo', 'checkout'];

async function byEngine(engine: Engine, state: AccountState): Promise<{ value: number; tier: string }> {
  const facts = factsByHand(state, NOW);
  const { events } = await engine.run(facts);
  const won = events
    .filter(({ type }) => type === 'points')
    .map(({ params }) => params as { id: string; points: number });
  const factor = Number(events.find(({ type }) => type === 'factor')?.params?.factor ?? 0.1);
  const value = won.reduce((sum, { points }) => sum + points, 0) * factor;
  const has = (id: string) => won.some((one) => one.id === id);
  return { value, tier: tierByHand(value, STRONG.some(has), has('pricing_visits')) };
}

async function bestOfAsync(runs: number, states: readonly AccountState[], engine: Engine): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const start = performance.now();
    for (let i = 0; i < ROUNDS; i++) {
      for (const state of states) {
        await byEngine(engine, state);
      }
    }
    best = Math.min(best, performance.now() - start);
  }
  return best;
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
