import { DAY, HOUR, MINUTE } from '../shared/time.ts';
import type { Activity } from './activities.ts';

/**
 * What counts as a first touch (somebody of ours got in touch) and as a reply (the buyer wrote, called or booked). Pure.
 * What a CRM does not show is no evidence of anything: no touch means "none seen in the CRM".
 */

export interface Touch {
  id: string;
  kind: Activity['kind'];
  side: 'ours' | 'theirs';
  /** ms, the CRM's clock. */
  at: number;
  owner: string | null;
}

/** From when until when (ms) we were closing tasks of an account ourselves. */
export interface Closing {
  from: number;
  to: number;
}

/** That a meeting was booked is kept beside the meeting itself. */
const BOOKED = '#booked';

/** Ids under which an activity may be kept. */
export function idsOf(activity: string): string[] {
  return [activity, activity + BOOKED];
}

/** The activity that a kept id belongs to. */
export function activityOf(id: string): string {
  return id.endsWith(BOOKED) ? id.slice(0, -BOOKED.length) : id;
}

/**
 * What an activity counts as.
 *
 * @param now ms, business time: a meeting that lies ahead has been booked and not held
 */
export function touchesOf(activity: Activity, now: number, closings: readonly Closing[] = []): Touch[] {
  const { deleted, state, automatic, kind, at } = activity;
  if (deleted || state === 'void' || automatic) {
    return [];
  }
  if (kind === 'meeting') {
    return meetingTouches(activity, now);
  }
  if (kind === 'task') {
    const byUs = closings.some(({ from, to }) => at >= from && at <= to);
    return activity.ours === true && state === 'done' && !byUs ? [touch(activity, 'ours', at)] : [];
  }
  return activity.side === null || at > now ? [] : [touch(activity, activity.side, at)];
}

/**
 * Booking is an act of its own, at the time it was done: a reply, because somebody agreed to a time; and where one of ours
 * booked, a touch too, which the meeting itself then is no second time. A meeting that the buyer booked is a touch when it
 * was held. What nobody marked as held or missed counts as held when it is over.
 */
function meetingTouches(activity: Activity, now: number): Touch[] {
  const { at, until, loggedAt, state, side } = activity;
  const booked = { ...touch(activity, 'theirs', Math.min(at, loggedAt)), id: activity.id + BOOKED };
  if (side === 'ours' && loggedAt < at) {
    return [touch(activity, 'ours', loggedAt), booked];
  }
  const held = state === 'done' ? at <= now : state === 'planned' && (until ?? at) <= now;
  return held ? [touch(activity, 'ours', at), booked] : [booked];
}

function touch({ id, kind, owner }: Activity, side: Touch['side'], at: number): Touch {
  return { id, kind, side, at, owner };
}

/** When (ms) an activity that lies ahead must be looked at again; null: it does not lie ahead. */
export function wakeOf({ deleted, state, automatic, at, until, kind }: Activity, now: number): number | null {
  const over = until ?? at;
  return deleted || automatic || state !== 'planned' || kind === 'task' || over <= now ? null : over;
}

/** An answer within so long (ms) after a mail of ours was written by a machine: out of office, or a receipt. */
const ECHO = 2 * MINUTE;

/** Ids of mails that only answered by themselves. `touches`: all that are known of one account. */
export function echoesIn(touches: readonly Touch[]): string[] {
  const sent = touches.filter(({ kind, side }) => kind === 'email' && side === 'ours').map(({ at }) => at);
  return touches
    .filter(({ kind, side }) => kind === 'email' && side === 'theirs')
    .filter(({ at }) => sent.some((ours) => at >= ours && at - ours <= ECHO))
    .map(({ id }) => id);
}

/**
 * How soon (ms) an account is looked at again: soon after its crossing, seldom when nothing happens any more.
 *
 * @param newest the newest touch or reply, ms; null: none
 */
export function pauseOf(
  { crossedAt, newest }: { crossedAt: number; newest: number | null },
  every: number,
  now: number,
): number {
  if (now - crossedAt < 2 * HOUR) {
    return Math.min(every, 5 * MINUTE);
  }
  return now - Math.max(crossedAt, newest ?? 0) > DAY ? Math.max(every, HOUR) : every;
}
