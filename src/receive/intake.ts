import type { Press } from '../alerts/press.ts';
import { clockSkew, HORIZON_DAYS } from '../events/clock-rules.ts';
import type { Vendor } from '../events/event.ts';
import type { AppendResult, JournalEntry } from '../events/journal.ts';
import { causeOf } from '../shared/cause.ts';
import type { JsonObject } from '../shared/json.ts';
import type { Logger } from '../shared/log.ts';
import type { AmplitudeOptions } from './amplitude/translate.ts';
import type { Arrival } from './arrival.ts';
import type { ReceiveConfig, ReceiveDeps, ReceiveMetrics } from './config.ts';
import { type Commit, GROUP_COMMIT, groupCommit, NotCommitted } from './group-commit.ts';
import { accepted, type Reply, tooMuchAtOnce, tryAgain } from './http/reply.ts';
import { createRoom, ELEMENT_BYTES, type Held, type Room } from './http/room.ts';
import type { SegmentOptions } from './segment/translate.ts';

/** What every route works with. */
export interface Intake {
  config: ReceiveConfig;
  segment: SegmentOptions;
  amplitude: AmplitudeOptions;
  logger: Logger;
  metrics: ReceiveMetrics;
  now(): number;
  /** The arrival of a request from a vendor's servers, which gave ids and corrected times. */
  arrival(vendor: Vendor, route: string): Arrival;
  /** The arrival of a request from an SDK; `sentAt` is its own time of sending. */
  directArrival(vendor: Vendor, route: string, sentAt: unknown): Arrival;
  commit: Commit;
  notePresses(presses: readonly Press[]): Promise<void>;
  room: Room;
}

/** What one request works with. */
export interface Visit extends Intake {
  held: Held;
}

const NO_METRICS: ReceiveMetrics = {
  request: () => undefined,
  accepted: () => undefined,
  ignoredOperations: () => undefined,
};

const nowhere = () => Promise.reject(new Error('presses are kept nowhere'));

export function createIntake(deps: ReceiveDeps): Intake {
  const { config, clock, logger } = deps;
  const horizonDays = config.horizonDays ?? HORIZON_DAYS;
  return {
    config,
    logger,
    /** Asked for at each request: a configuration may have taken over. */
    get segment() {
      return { accountPaths: config.accountPaths ?? [] };
    },
    amplitude: { groupType: config.accountGroupType ?? 'company' },
    metrics: deps.metrics ?? NO_METRICS,
    now: () => clock.now(),
    arrival: (vendor, route) => {
      return { vendor, route, receivedAt: clock.now(), horizonDays, skew: 0, direct: false };
    },
    directArrival: (vendor, route, sentAt) => {
      const receivedAt = clock.now();
      const sent = typeof sentAt === 'string' || typeof sentAt === 'number' ? sentAt : null;
      return { vendor, route, receivedAt, horizonDays, skew: clockSkew(sent, receivedAt), direct: true };
    },
    notePresses: deps.notePresses ?? nowhere,
    room: createRoom(config.roomBytes),
    commit: groupCommit(deps.journal, { ...GROUP_COMMIT, ...config.commit }, (result) =>
      announce(deps, result),
    ),
  };
}

/** Commits the entries of a request and answers: 200 once they are durable, else 503 (I1). */
export function acknowledge(
  intake: Visit,
  route: string,
  entries: JournalEntry[],
  body: (events: number) => JsonObject = () => ({ success: true }),
): Promise<Reply> | Reply {
  if (!intake.held.take(entries.length * ELEMENT_BYTES)) {
    return tooMuchAtOnce();
  }
  // Counted before, so that nobody holds the entries while they wait for the disk.
  return answered(intake, route, countsOf(entries), intake.commit(entries), body);
}

async function answered(
  intake: Visit,
  route: string,
  came: Came,
  committed: Promise<void>,
  body: (events: number) => JsonObject,
): Promise<Reply> {
  try {
    await committed;
  } catch (error) {
    if (!(error instanceof NotCommitted)) {
      throw error;
    }
    const cause = error.cause === undefined ? null : causeOf(error.cause);
    intake.logger.error({ route, entries: came.events + came.refused, cause }, error.message);
    return tryAgain('not_committed', 'The events could not be stored. Send them again.');
  }
  report(intake, route, came);
  return accepted(body(came.events));
}

/** What came in with one request. */
interface Came {
  events: number;
  refused: number;
  /** Elements refused, by the reason's code. */
  codes: Record<string, number>;
  ignoredOperations: number;
}

function countsOf(entries: readonly JournalEntry[]): Came {
  const came: Came = { events: 0, refused: 0, codes: {}, ignoredOperations: 0 };
  for (const entry of entries) {
    if (entry.type === 'event') {
      const { properties } = entry.event;
      came.events += 1;
      came.ignoredOperations += '$ignored_operations' in properties ? 1 : 0;
      came.ignoredOperations += '$ignored_group_operations' in properties ? 1 : 0;
    } else {
      const { code } = entry.quarantined;
      came.refused += 1;
      came.codes[code] = (came.codes[code] ?? 0) + 1;
    }
  }
  return came;
}

function report({ logger, metrics }: Intake, route: string, came: Came): void {
  const { events, refused, codes, ignoredOperations } = came;
  metrics.accepted(route, events, refused);
  if (ignoredOperations > 0) {
    metrics.ignoredOperations(route, ignoredOperations);
  }
  if (refused > 0) {
    logger.warn({ route, codes }, 'elements quarantined');
  }
}

/** Wakes whoever waits for events. A wake-up that fails must not fail the request: a sweep finds the work (I7). */
function announce(deps: ReceiveDeps, { fresh }: AppendResult): void {
  const { onAppended, logger } = deps;
  if (fresh === 0 || onAppended === undefined) {
    return;
  }
  try {
    onAppended();
  } catch (error) {
    logger.error({ cause: causeOf(error) }, 'wake-up failed');
  }
}
