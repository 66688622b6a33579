import { isoDate } from '../../shared/time.ts';
import {
  type Held,
  inWords,
  named,
  type OwnerQuestion,
  type OwnerStep,
  obstacleTo,
  type StepChoice,
} from '../owner-chain.ts';
import { nextOf } from './pick.ts';
import { capacityOf, type PickRule, type Pool } from './team.ts';

/**
 * Somebody of a pool. Whoever has the account keeps it for as long as they can take it, also in a week that is full: what is
 * full goes by without new accounts.
 */
export function fromPool(
  { pool: id, why }: Extract<OwnerStep, { kind: 'pool' }>,
  question: OwnerQuestion,
): StepChoice {
  const pool = question.team.pools.get(id);
  if (pool === undefined) {
    return { passed: [`handoff.yaml has no pool ${id} any more`], chosen: null };
  }
  if (question.directory === null) {
    return { passed: ['the owners of the CRM cannot be read'], chosen: null };
  }
  const obstacles = obstaclesIn(pool, question);
  const holder = question.held.get(id);
  if (holder !== undefined && obstacles.get(holder.person) === null) {
    return chosenOf(pool, holder.person, keptWhy(pool, why, holder, question.now), question, []);
  }
  const left =
    holder === undefined || obstacles.has(holder.person)
      ? []
      : [`${holder.person} no longer of the pool ${id}`];
  return freshOf(pool, why, question, obstacles, left);
}

/** Chosen today, for this crossing as it stands in the other CRM, it says how; later also since when. */
function keptWhy({ id }: Pool, rule: string, { since, why }: Held, now: number): string {
  return since === isoDate(now) ? why : said(rule, `has the account from the pool ${id} since ${since}`);
}

/** Why each of a pool cannot take the task, by e-mail; null: they can, as far as their week lets them. */
function obstaclesIn(pool: Pool, question: OwnerQuestion): Map<string, string | null> {
  const { directory, refused } = question;
  return new Map(
    pool.people.map((email) => [email, obstacleTo(named(directory ?? [], email, refused), question)]),
  );
}

function freshOf(
  pool: Pool,
  why: string,
  question: OwnerQuestion,
  obstacles: ReadonlyMap<string, string | null>,
  left: readonly string[],
): StepChoice {
  const reasons = new Map(
    [...obstacles].map(([email, obstacle]) => [email, obstacle ?? fullness(pool, email, question)]),
  );
  const able = pool.people.filter((email) => reasons.get(email) === null);
  const everywhere = able.filter((email) => !question.elsewhere.has(email));
  const passed = everywhere.length === 0 ? [] : able.filter((email) => question.elsewhere.has(email));
  const next = nextOf(pool, everywhere.length === 0 ? able : everywhere, question.account, question.loads);
  const over = [
    ...left,
    ...inWords([...reasons, ...passed.map((email) => [email, 'unknown to the other CRM'] as const)]),
  ];
  return next === null
    ? { passed: over.length === 0 ? [`the pool ${pool.id} has nobody`] : over, chosen: null }
    : chosenOf(pool, next, said(why, HOW[pool.pick](pool.id)), question, over);
}

const HOW: Record<PickRule, (pool: string) => string> = {
  round_robin: (pool) => `next in turn of the pool ${pool}`,
  least_loaded: (pool) => `fewest open tasks of the pool ${pool}`,
  steady: (pool) => `of the pool ${pool}`,
};

function fullness(
  pool: Pool,
  email: string,
  { team, loads }: Pick<OwnerQuestion, 'team' | 'loads'>,
): string | null {
  const most = capacityOf(team, email, pool);
  const has = loads.loads.get(email)?.week ?? 0;
  return most === null || has < most ? null : `full (${has} of ${most} new tasks this week)`;
}

function chosenOf(
  pool: Pool,
  person: string,
  why: string,
  { directory, refused }: OwnerQuestion,
  passed: string[],
): StepChoice {
  const owner = named(directory ?? [], person, refused);
  return {
    passed,
    chosen: owner === null ? null : { id: owner.id, name: owner.label, why, person, pool: pool.id },
  };
}

function said(rule: string, how: string): string {
  return rule === '' ? how : `${rule}: ${how}`;
}
