import { earned } from '../../decide/reasons.ts';
import {
  type FeedFilter,
  type FeedPage,
  type FeedPlace,
  type FeedRow,
  type FeedState,
  readFeedCursor,
  writeFeedCursor,
} from '../../read-model/feed.ts';
import type { Evaluation } from '../../score/evaluation.ts';
import { DAY, isoInstant } from '../../shared/time.ts';
import type { Db } from '../db.ts';

/** Which model, and its acting tiers, the lowest first. */
export interface Ranked {
  model: string;
  tiers: readonly string[];
}

const REASONS = 3;

/**
 * Accounts that hold an acting tier now: the highest tier first, in it the nearest deadline, then the highest score. One whose tasks
 * were closed by a purchase or a suppression is over, and not among them.
 *
 * @param now business time (ms), from which the change of a day is counted
 */
export async function feed(
  db: Db,
  { model, tiers }: Ranked,
  filter: FeedFilter,
  now: number,
): Promise<FeedPage> {
  const after = filter.cursor === null ? null : readFeedCursor(filter.cursor);
  const rows = await db.query<Row>({
    name: 'feed',
    text: PAGE,
    values: [
      model,
      tiers,
      filter.owner,
      filter.state,
      after === null ? null : -after[0],
      after?.[1] ?? null,
      after === null ? null : -after[2],
      after?.[3] ?? null,
      filter.limit + 1,
      isoInstant(now - DAY),
    ],
  });
  const page = rows.rows.slice(0, filter.limit);
  const last = page.at(-1);
  const isMore = rows.rows.length > filter.limit && last !== undefined;
  return { feed: page.map(rowOf), next: isMore ? writeFeedCursor(placeOf(last)) : null };
}

interface Row {
  id: string;
  rank: number;
  key: string;
  name: string | null;
  domain: string | null;
  tier: string;
  value: number;
  evaluation: Evaluation;
  state: FeedState;
  route_to: string | null;
  route_reason: string | null;
  holds: { why: string }[] | null;
  owner: string | null;
  due: Date | null;
  touched_at: Date | null;
  touch: string | null;
  crossed_at: string | null;
  before_value: number | null;
  before_tier: string | null;
  records: FeedRow['records'];
}

const PAGE = `
  WITH qualified AS (
    SELECT account AS id, array_position($2::text[], tier) AS rank, tier, value, standing, route,
      CASE WHEN standing -> 'waiting' IS NOT NULL THEN 'held'
           WHEN standing -> 'handed' IS NOT NULL THEN 'handed_over'
           WHEN (route #>> '{sla,due}') IS NULL THEN 'not_handed_over' END AS state
    FROM scores WHERE model = $1 AND tier = ANY($2::text[])
  ), placed AS (
    SELECT qualified.*, clock.touched_at, clock.touch,
      CASE WHEN state = 'handed_over' AND clock.ended_at IS NULL THEN (route #>> '{sla,due}')::timestamptz END AS due
    FROM qualified LEFT JOIN LATERAL (
      SELECT touched_at, touch, ended_at FROM clocks WHERE clocks.account = qualified.id AND model = $1
      ORDER BY clocks.crossed_at DESC LIMIT 1) AS clock ON state = 'handed_over'
  ), owned AS (
    SELECT placed.*, task.owner FROM placed LEFT JOIN LATERAL (
      SELECT actions.owner ->> 'name' AS owner FROM actions
      WHERE actions.account = placed.id AND kind IN ('task', 'note') AND actions.owner IS NOT NULL
      ORDER BY created_at DESC, crm LIMIT 1) AS task ON state = 'handed_over'
  ), page AS (
    SELECT * FROM owned
    WHERE state IS NOT NULL AND ($3::text IS NULL OR lower(owner) = lower($3)) AND ($4::text IS NULL OR state = $4)
      AND ($5::integer IS NULL OR (-rank, coalesce(due, 'infinity'), -value, id) > ($5, $6::timestamptz, $7::float8, $8::uuid))
    ORDER BY -rank, coalesce(due, 'infinity'), -value, id LIMIT $9
  )
  SELECT page.id, page.rank, accounts.key, accounts.name, accounts.domain, page.tier, page.value, scores.evaluation, page.state,
    page.route ->> 'to' AS route_to, page.route ->> 'reason' AS route_reason, page.standing #> '{waiting,holds}' AS holds,
    page.owner, page.due, page.touched_at, page.touch, page.standing -> 'crossedAt' ->> page.tier AS crossed_at,
    before.value AS before_value, before.tier AS before_tier,
    (SELECT coalesce(json_agg(json_build_object('crm', crm, 'connection', connection, 'id', crm_id) ORDER BY crm), '[]')
     FROM crm_records JOIN connections USING (connection)
     WHERE crm_records.account = page.id AND object = 'account' AND crm_id <> '') AS records
  FROM page JOIN accounts ON accounts.id = page.id JOIN scores ON scores.account = page.id AND scores.model = $1
    LEFT JOIN LATERAL (SELECT value, tier FROM score_history
      WHERE score_history.account = page.id AND model = $1 AND at <= $10 ORDER BY at DESC, score_history.id DESC LIMIT 1) AS before ON true
  ORDER BY -rank, coalesce(due, 'infinity'), -page.value, page.id`;

function placeOf({ rank, due, value, id }: Row): FeedPlace {
  return [rank, due?.toISOString() ?? 'infinity', value, id];
}

function rowOf(row: Row): FeedRow {
  const { key, name, domain, tier, value, evaluation, state, before_value: before, holds } = row;
  return {
    account: key,
    name,
    domain,
    tier,
    score: value,
    // Decimals of two scores, without the noise of binary fractions.
    change: before === null ? null : Number((value - before).toFixed(6)),
    tierBefore: row.before_tier,
    reasons: earned(evaluation)
      .slice(0, REASONS)
      .map(({ why }) => why),
    state,
    route: row.route_to,
    why: whyOf(row, holds ?? []),
    owner: row.owner,
    due: row.due?.toISOString() ?? null,
    touched: row.touched_at?.toISOString() ?? null,
    touch: row.touch,
    crossedAt: row.crossed_at,
    records: row.records,
  };
}

const SILENT = 'entered the tier by a change of data or model, not by new behaviour';

function whyOf({ state, route_reason: reason }: Row, holds: readonly { why: string }[]): string | null {
  switch (state) {
    case 'held':
      return holds.map(({ why }) => why).join('; ');
    case 'not_handed_over':
      return reason ?? SILENT;
    default:
      return null;
  }
}
