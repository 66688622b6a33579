import { DAY } from '../../shared/time.ts';
import type { Activity, SwitchedOff, Watched } from '../../sync/activities.ts';
import type { ActivityLook, ActivityReads, FailedRead } from '../../sync/crm-reads.ts';
import { newestOf } from './activity-links.ts';
import {
  ACTIVITY_PROPERTIES,
  activityId,
  activityOf,
  goneActivity,
  isBusySince,
  KIND_OF,
  looksLike,
  ROLL_UPS,
} from './activity-rows.ts';
import { type ActivityType, BATCH_MAX } from './batch.ts';
import type { HubspotApi } from './client.ts';
import type { KnownProperties } from './known-properties.ts';
import { failed, readCertainly } from './lookup.ts';
import { isRefusedRequest } from './outcomes.ts';
import type { CrmRecord, Failure } from './reply.ts';

const TYPES: readonly ActivityType[] = ['calls', 'emails', 'meetings', 'communications'];

/**
 * Activities around companies, in three steps: the figures that HubSpot keeps of each company, 100 a call; the activities of
 * those whose figures differ from the last look; our own tasks by id. What a company without news costs is a hundredth of a
 * call, whatever its people and the sales team do.
 */
export class HubspotActivities implements ActivityReads {
  readonly batch = BATCH_MAX;
  private readonly api: HubspotApi;
  private readonly properties: KnownProperties;
  private readonly closed = new Map<ActivityType, SwitchedOff & { until: number }>();

  constructor(api: HubspotApi, properties: KnownProperties) {
    this.api = api;
    this.properties = properties;
  }

  off(): SwitchedOff[] {
    return [...this.closed.values()].map(({ until: _, ...off }) => off);
  }

  async look(watched: readonly Watched[]): Promise<ActivityLook> {
    const look = new Look();
    const moved = await this.moved(watched, look);
    look.detailed.push(...moved.map(({ account }) => account));
    for (const type of moved.length === 0 ? [] : TYPES.filter((one) => this.isOpen(one))) {
      if (look.failure === null) {
        await this.readType(type, moved, look);
      }
    }
    if (look.failure === null) {
      await this.readTasks(watched, look);
    }
    return look;
  }

  private isOpen(type: ActivityType): boolean {
    return (this.closed.get(type)?.until ?? 0) <= this.api.clock.now();
  }

  /** Companies around which something may have happened since the last look. */
  private async moved(watched: readonly Watched[], look: Look): Promise<Watched[]> {
    const there = await this.properties.of('companies', ROLL_UPS);
    const ids = watched.map(({ account }) => account);
    const reply = await look.counted(ids.length, readCertainly(this.api, 'companies', ids, there));
    if (!reply.ok) {
      look.fail(failed(this.api, reply.failure));
      return [];
    }
    const found = new Map(reply.data.map(({ id, properties }) => [id, properties]));
    return watched.filter(({ account, seen, again, since }) => {
      const properties = found.get(account);
      if (properties === undefined) {
        return false;
      }
      const looks = looksLike(properties);
      look.seen.set(account, looks);
      const differs = seen === null ? isBusySince(properties, since) : looks !== seen;
      return again || differs || there.length === 0;
    });
  }

  private async readType(type: ActivityType, moved: readonly Watched[], look: Look): Promise<void> {
    const companies = await newestOf(
      this.api,
      type,
      moved.map(({ account }) => account),
      (inputs, asked) => look.counted(inputs, asked),
    );
    if (!companies.ok) {
      this.refused(type, companies.failure, look);
      return;
    }
    const found = companies.data;
    const ids = [...new Set([...found.keys(), ...moved.flatMap(({ known }) => idsAmong(known, type))])];
    const reply = await look.counted(
      ids.length,
      readCertainly(this.api, type, ids, ACTIVITY_PROPERTIES[type]),
    );
    if (!reply.ok) {
      this.refused(type, reply.failure, look);
      return;
    }
    if (ids.length > 0) {
      this.closed.delete(type);
    }
    addAll(look, type, ids, reply.data, found);
  }

  /** A scope that is missing closes this kind for a day, and nothing else. */
  private refused(type: ActivityType, failure: Failure, look: Look): void {
    const read = failed(this.api, failure);
    if (!isRefusedRequest(failure)) {
      look.fail(read);
      return;
    }
    const off = { kind: KIND_OF[type], code: read.code, reason: read.reason };
    if (!this.closed.has(type)) {
      look.off.push(off);
    }
    this.closed.set(type, { ...off, until: this.api.clock.now() + DAY });
  }

  private async readTasks(watched: readonly Watched[], look: Look): Promise<void> {
    const ids = watched.flatMap(({ tasks }) => tasks);
    if (ids.length === 0) {
      return;
    }
    const asked = readCertainly(this.api, 'tasks', ids, ACTIVITY_PROPERTIES.tasks);
    const reply = await look.counted(ids.length, asked);
    if (!reply.ok) {
      look.fail(failed(this.api, reply.failure));
      return;
    }
    addAll(look, 'tasks', ids, reply.data, new Map());
  }
}

/** What was asked for and is not there was deleted. */
function addAll(
  look: Look,
  type: ActivityType | 'tasks',
  ids: readonly string[],
  found: readonly CrmRecord[],
  companies: ReadonlyMap<string, string>,
): void {
  const there = new Map(found.map((record) => [record.id, record]));
  for (const id of ids) {
    const record = there.get(id);
    look.add(
      record === undefined
        ? goneActivity(activityId(type, id), type)
        : activityOf(type, record, companies.get(id) ?? null),
    );
  }
}

class Look implements ActivityLook {
  readonly activities: Activity[] = [];
  readonly seen = new Map<string, string>();
  readonly detailed: string[] = [];
  readonly off: SwitchedOff[] = [];
  failure: FailedRead | null = null;
  calls = 0;

  add(activity: Activity | null): void {
    if (activity !== null) {
      this.activities.push(activity);
    }
  }

  fail(failure: FailedRead): void {
    this.failure ??= failure;
  }

  counted<T>(inputs: number, asked: Promise<T>): Promise<T> {
    this.calls += Math.ceil(inputs / BATCH_MAX);
    return asked;
  }
}

function idsAmong(known: readonly string[], type: ActivityType): string[] {
  return known.filter((one) => one.startsWith(`${type}/`)).map((one) => one.slice(type.length + 1));
}
