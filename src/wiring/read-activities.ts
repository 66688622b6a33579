import { DAY, MINUTE } from '../shared/time.ts';
import { inTransaction } from '../store/db.ts';
import { type AccountTouch, saveTouches } from '../store/handoff/touches.ts';
import {
  type DueWatch,
  dropWatches,
  dueWatches,
  followHanded,
  type Looked,
  saveLooked,
} from '../store/handoff/watches.ts';
import { type ClaimedFeed, claimFeed, failFeed, saveProgress } from '../store/reads/feeds.ts';
import type { Activity, Watched } from '../sync/activities.ts';
import { activityOf, idsOf, pauseOf, type Touch, touchesOf, wakeOf } from '../sync/activity-rules.ts';
import type { ActivityLook, ActivityReads } from '../sync/crm-reads.ts';
import { OVERLAP } from '../sync/feed.ts';
import { CALLS, noteFailure, type Reached, type ReadBackDeps } from './reading.ts';

/** Before the first look at an account so much (ms) is read: a meeting that is held now was booked then. */
const BACK = 30 * DAY;

/**
 * Reads what people did around the accounts that were handed over and are not over, a few calls at a time. Each look is
 * kept with how far it went, so that whoever dies in between loses nothing. Gives how many accounts must be scored again.
 */
export async function readActivities(deps: ReadBackDeps, reached: Reached): Promise<number> {
  const { db, realNow, now } = deps;
  const { connection, crm } = reached;
  const { activities: reads } = crm.connector.reads;
  const every = crm.mapping.readActivitiesEvery;
  if (every === null) {
    await dropWatches(db, connection);
    return 0;
  }
  const claim = await claimFeed(db, connection, 'activities', realNow());
  if (claim === null) {
    return 0;
  }
  await followHanded(db, connection, now(), realNow());
  let woken = 0;
  for (let look = 1; ; look++) {
    const due = await dueWatches(db, connection, reads.batch, now(), realNow());
    const more = due.length === reads.batch && look < CALLS && !deps.life.stopping;
    const done = await lookAt(deps, reached, { claim, due, reads, every, keep: more });
    woken += done.woken;
    if (!more || done.failed) {
      return woken;
    }
  }
}

interface Round {
  claim: ClaimedFeed;
  due: DueWatch[];
  reads: ActivityReads;
  every: number;
  /** Whether this process goes on afterwards. */
  keep: boolean;
}

async function lookAt(
  deps: ReadBackDeps,
  reached: Reached,
  round: Round,
): Promise<{ woken: number; failed: boolean }> {
  const { claim, due, reads, keep } = round;
  const startedAt = deps.now();
  const look = due.length === 0 ? NOTHING : await reads.look(due.map(watchedOf));
  const woken = await saveLook(deps, round, look, startedAt);
  if (woken === null) {
    return { woken: 0, failed: true };
  }
  const { failure } = look;
  const [closed] = reads.off();
  const trouble = failure ?? (closed && { ...closed, reason: `${closed.kind}: ${closed.reason}` });
  if (trouble !== undefined && (failure !== null || !keep)) {
    await failFeed(deps.db, claim, deps.realNow() + Math.max(failure?.afterMs ?? 0, MINUTE), trouble);
  }
  if (failure !== null) {
    await noteFailure(deps, reached, 'activities', failure);
  }
  for (const { kind, code, reason } of look.off) {
    deps.logger.warn({ crm: reached.crm.name, kind, code, reason }, NOT_READABLE);
  }
  return { woken, failed: failure !== null };
}

const NOT_READABLE = 'these activities cannot be read: nobody is seen to get in touch, or to answer, by them';

const NOTHING: ActivityLook = {
  activities: [],
  seen: new Map(),
  detailed: [],
  off: [],
  failure: null,
  calls: 0,
};

function watchedOf({ crmId, crossedAt, since, again, ...watch }: DueWatch): Watched {
  const from = since === null || again ? crossedAt - BACK : since - OVERLAP;
  return { ...watch, account: crmId, again, since: from, known: [...new Set(watch.known.map(activityOf))] };
}

/** Keeps what a look showed; null: another process reads this connection now, and nothing was kept. */
function saveLook(
  { db, realNow, now }: ReadBackDeps,
  { claim, due, reads, every, keep }: Round,
  look: ActivityLook,
  startedAt: number,
): Promise<number | null> {
  const at = now();
  const placed = look.activities.map((activity) => ({ activity, watch: watchOf(activity, due) }));
  const counted = placed.flatMap(({ activity, watch }) => countedFor(activity, watch, at));
  // What happened before the crossing is no answer to it.
  const touches = counted.filter(({ touch, watch }) => touch.at >= watch.crossedAt).map(accountTouch);
  const ids = new Set(counted.map(({ touch }) => touch.id));
  const gone = look.activities.flatMap(({ id }) => idsOf(id)).filter((id) => !ids.has(id));
  const looked = due.map((watch) => {
    const own = placed.filter((one) => one.watch === watch).map(({ activity }) => activity);
    return lookedOf(watch, own, look, { every, at, startedAt, realNow: realNow() });
  });
  return inTransaction(db, async (tx) => {
    const progress = {
      cursor: null,
      watermark: startedAt,
      rows: touches.length,
      calls: look.calls,
      // A full look leaves more that is due.
      nextAt: realNow() + (due.length < reads.batch ? MINUTE : 0),
      keep,
    };
    if (!(await saveProgress(tx, claim, progress, realNow()))) {
      return null;
    }
    await saveLooked(tx, claim.connection, looked);
    return saveTouches(tx, claim.connection, { touches, gone }, realNow());
  });
}

/** The account that an activity is about: by our task, its company, one of its people, or as it was kept before. */
function watchOf({ id, account, person, ours }: Activity, due: readonly DueWatch[]): DueWatch | undefined {
  const crmId = id.split('/').at(-1) ?? '';
  return (
    (ours === true ? due.find(({ tasks }) => tasks.includes(crmId)) : undefined) ??
    due.find((watch) => account !== null && watch.crmId === account) ??
    due.find(({ people }) => person !== null && people.includes(person)) ??
    due.find(({ known }) => known.some((one) => activityOf(one) === id))
  );
}

interface Counted {
  touch: Touch;
  watch: DueWatch;
}

function countedFor(activity: Activity, watch: DueWatch | undefined, now: number): Counted[] {
  return watch === undefined
    ? []
    : touchesOf(activity, now, watch.closings).map((touch) => ({ touch, watch }));
}

function accountTouch({ touch, watch }: Counted): AccountTouch {
  return { ...touch, account: watch.account };
}

interface Times {
  every: number;
  /** Business time, ms. */
  at: number;
  startedAt: number;
  realNow: number;
}

/**
 * How an account stands after a look. One that was read in detail because it had moved is read in detail once more: its
 * figures may show an activity before the lists do. So is one with a meeting that lies ahead, when that is over.
 */
function lookedOf(watch: DueWatch, own: readonly Activity[], look: ActivityLook, times: Times): Looked {
  const { every, at, startedAt, realNow } = times;
  const { account, crmId, again } = watch;
  const step = Math.min(every, 5 * MINUTE);
  // All on one grid, so that as many as possible share a call.
  const nextAt = Math.floor((realNow + pauseOf(watch, every, at)) / step) * step;
  if (look.failure !== null) {
    return { account, since: null, seen: null, lookAt: null, again: false, nextAt: realNow };
  }
  const seen = look.seen.get(crmId) ?? null;
  const moved = look.detailed.includes(crmId) && seen !== watch.seen;
  const lookAts = [
    ...(moved ? [at + OVERLAP] : []),
    ...own.flatMap((activity) => wakeOf(activity, at) ?? []),
  ];
  const lookAt = lookAts.length > 0 ? Math.min(...lookAts) : null;
  return { account, since: startedAt, seen, lookAt, again, nextAt };
}
