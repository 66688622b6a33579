import { type Base, keepTallies } from '../../accounts/base.ts';
import type { SignalPlan } from '../../accounts/signal-plan.ts';
import { type Db, hashId, type Tx } from '../db.ts';

/** How far the journal still tells of everybody, and what it knows of some people no more. */
export interface Bases {
  /** Events of days up to this one are in the bases; null: nothing was dropped yet. ISO date. */
  through: string | null;
  /** By ref. */
  byRef: Map<string, Base>;
}

interface Row {
  name: string;
  plan: string;
  definitions: Record<string, string> | null;
  record: Base;
}

/**
 * The bases of some people, and up to which day they reach: read together, because events are read after it. A base that
 * was folded with another plan keeps what still counts the same.
 */
export async function loadBases(tx: Tx, refs: readonly string[], plan: SignalPlan): Promise<Bases> {
  const rows = await tx.query<{ through: string | null } & (Row | { name: null })>({
    name: 'fold-bases',
    text: `SELECT through, base.name, base.plan, definitions, record FROM journal_retention
           LEFT JOIN LATERAL (
             SELECT DISTINCT ON (ref) name, plan, record FROM base_states
             WHERE ref = ANY($1::uuid[]) AND day <= through ORDER BY ref, day DESC
           ) AS base ON true
           LEFT JOIN base_plans ON base_plans.plan = base.plan AND base.plan <> $2`,
    values: [refs.map(hashId), plan.hash],
  });
  const found = rows.rows.filter((row) => row.name !== null);
  return {
    through: rows.rows[0]?.through ?? null,
    byRef: new Map(found.map((row) => [row.name, inPlan(row, plan)])),
  };
}

function inPlan({ record, definitions, plan: made }: Row, plan: SignalPlan): Base {
  return made === plan.hash
    ? record
    : keepTallies(record, (tally) => definitions?.[tally] === plan.definitions.get(tally));
}

/** The bases as they are with what was saved of days up to `day`, whether it counts yet or not. */
export async function basesUpTo(
  tx: Tx,
  refs: readonly string[],
  plan: SignalPlan,
  day: string,
): Promise<Map<string, Base>> {
  const rows = await tx.query<Row>(
    `SELECT DISTINCT ON (ref) name, base_states.plan, definitions, record
     FROM base_states LEFT JOIN base_plans ON base_plans.plan = base_states.plan AND base_states.plan <> $3
     WHERE ref = ANY($1::uuid[]) AND day <= $2 ORDER BY ref, day DESC`,
    [refs.map(hashId), day, plan.hash],
  );
  return new Map(rows.rows.map((row) => [row.name, inPlan(row, plan)]));
}

/** Notes what each tally counts under a plan. */
export async function notePlan(tx: Db | Tx, plan: SignalPlan): Promise<void> {
  await tx.query('INSERT INTO base_plans (plan, definitions) VALUES ($1, $2) ON CONFLICT (plan) DO NOTHING', [
    plan.hash,
    JSON.stringify(Object.fromEntries(plan.definitions)),
  ]);
}

export async function saveBases(
  tx: Tx,
  plan: SignalPlan,
  day: string,
  bases: ReadonlyMap<string, Base>,
): Promise<void> {
  await notePlan(tx, plan);
  const names = [...bases.keys()];
  await tx.query(
    `INSERT INTO base_states (ref, day, name, plan, record)
     SELECT ref, $4, name, $5, record FROM unnest($1::uuid[], $2::text[], $3::json[]) AS row (ref, name, record)
     ON CONFLICT (ref, day) DO UPDATE SET plan = excluded.plan, record = excluded.record`,
    [names.map(hashId), names, [...bases.values()].map((base) => JSON.stringify(base)), day, plan.hash],
  );
}
