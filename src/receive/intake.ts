import { clockSkew, HORIZON_DAYS } from '../events/clock-rules.ts';
import type { Vendor } from '../events/event.ts';
import type { AppendResult, JournalEntry } from '../events/journal.ts';
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
    room: createRoom(config.roomBytes),
    commit: groupCommit(deps.journal, { ...GROUP_COMMIT, ...config.commit }, (result) =>
      announce(deps, result),
    ),
  };
}

/** Commits the entries of a request and answers: 200 once they are durable, else 503 (I1). */
export async function acknowledge(
  intake: Visit,
  route: string,
  entries: JournalEntry[],
  body: (events: number) => JsonObject = () => ({ success: true }),
): Promise<Reply> {
  if (!intake.held.take(entries.length * ELEMENT_BYTES)) {
    return tooMuchAtOnce();
  }
  try {
    await intake.commit(entries);
  } catch (error) {
    if (!(error instanceof NotCommitted)) {
      throw error;
    }
    const cause = error.cause instanceof Error ? error.cause.name : null;
    intake.logger.error({ route, entries: entries.length, cause }, error.message);
    return tryAgain('not_committed', 'The events could not be stored. Send them again.');
  }
  return accepted(body(report(intake, route, entries)));
}

/** Counts what came in. Returns the number of events. */
function report({ logger, metrics }: Intake, route: string, entries: JournalEntry[]): number {
  const codes: Record<string, number> = {};
  let events = 0;
  let ignored = 0;
  for (const entry of entries) {
    if (entry.type === 'event') {
      events += 1;
      ignored += '$ignored_operations' in entry.event.properties ? 1 : 0;
      ignored += '$ignored_group_operations' in entry.event.properties ? 1 : 0;
    } else {
      codes[entry.quarantined.code] = (codes[entry.quarantined.code] ?? 0) + 1;
    }
  }
  metrics.accepted(route, events, entries.length - events);
  if (ignored > 0) {
    metrics.ignoredOperations(route, ignored);
  }
  if (events < entries.length) {
    logger.warn({ route, codes }, 'elements quarantined');
  }
  return events;
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
    logger.error({ cause: error instanceof Error ? error.name : null }, 'wake-up failed');
  }
}
