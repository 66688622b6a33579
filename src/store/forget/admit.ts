import { anonymousRef } from '../../accounts/identity.ts';
import type { ProductEvent, QuarantinedEvent } from '../../events/event.ts';
import {
  eventReplaced,
  forgottenBy,
  isForgotten,
  mentionsReplaced,
  replacedIn,
} from '../../events/forgotten.ts';
import { isJsonObject, type Json } from '../../shared/json.ts';
import { isoDate, isoInstant } from '../../shared/time.ts';
import { hashId, type Tx } from '../db.ts';
import type { Known } from './known.ts';

/** An event with the key under which it counts once. */
interface Keyed {
  key: string;
  event: ProductEvent;
}

export interface Arrived<K extends Keyed> {
  events: K[];
  quarantined: QuarantinedEvent[];
}

/**
 * What of the arrived is kept: events of forgotten people are counted and not kept, deletes become work, and what
 * others say of forgotten people is replaced by keyed hashes (I12). Each is counted once, by its key.
 */
export async function admit<K extends Keyed>(
  tx: Tx,
  known: Known,
  { events, quarantined }: Arrived<K>,
): Promise<Arrived<K>> {
  const refused: { key: string; event: ProductEvent; by: string }[] = [];
  const deletes: K[] = [];
  const kept: K[] = [];
  const anybody = known.hashes.size > 0;
  const replace = mentionsReplaced(known);
  for (const one of events) {
    const by = anybody ? forgottenBy(known, one.event) : null;
    if (by !== null) {
      refused.push({ ...one, by });
    } else if (one.event.kind === 'delete') {
      deletes.push(one);
    } else {
      kept.push(anybody ? { ...one, event: eventReplaced(one.event, replace) } : one);
    }
  }
  await countRefused(tx, refused);
  await askDevices(tx, known, refused);
  await askDeletes(tx, deletes);
  return { events: kept, quarantined: admittedElements(known, quarantined) };
}

/** The events as they are kept, where each of them is: none is refused, none is a delete. null: `admit` has work with them. */
export function admittedAsTheyAre<K extends Keyed>(known: Known, events: readonly K[]): K[] | null {
  if (events.some(({ event }) => event.kind === 'delete')) {
    return null;
  }
  if (known.hashes.size === 0) {
    return [...events];
  }
  const replace = mentionsReplaced(known);
  return events.some(({ event }) => forgottenBy(known, event) !== null)
    ? null
    : events.map((one) => ({ ...one, event: eventReplaced(one.event, replace) }));
}

/** Elements for the quarantine, without those of forgotten people and without what the others say of them. */
export function admittedElements(known: Known, elements: readonly QuarantinedEvent[]): QuarantinedEvent[] {
  return elements.flatMap((one) => admittedElement(known, one));
}

/** Of keys that are new. A repeat of an event that came before its person was forgotten counts neither. */
async function takeKeys(tx: Tx, all: readonly Keyed[]): Promise<Set<string>> {
  const rows = await tx.query<{ key: string }>(
    `INSERT INTO event_keys (key, day) SELECT * FROM unnest($1::uuid[], $2::date[]) AS row (key, day) ORDER BY key
     ON CONFLICT DO NOTHING RETURNING key`,
    [all.map(({ key }) => key), all.map(({ event }) => isoDate(event.receivedAt))],
  );
  return new Set(rows.rows.map(({ key }) => key));
}

async function countRefused(tx: Tx, refused: readonly (Keyed & { by: string })[]): Promise<void> {
  if (refused.length > 0) {
    const fresh = await takeKeys(tx, refused);
    await addRefused(
      tx,
      refused.flatMap(({ key, by }) => (fresh.has(key) ? [by] : [])),
    );
  }
}

/**
 * A forgotten user on a device that is new: what came from it before nobody had been identified there is theirs, and so is
 * what will come. A device that has a user stays that user's.
 */
async function askDevices(tx: Tx, known: Known, refused: readonly Keyed[]): Promise<void> {
  const devices = refused.flatMap(({ event: { userId, anonymousId: id } }) =>
    userId === null || id === null || isForgotten(known, `a:${id}`) ? [] : [id],
  );
  if (devices.length > 0) {
    await tx.query(
      `INSERT INTO forgettings (at, author, reason, who)
       SELECT now(), 'service', 'device of a forgotten person', json_build_object('anonymous', json_build_array(devices.id))
       FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::uuid[]) AS one (id, hash)) AS devices
       WHERE NOT EXISTS (SELECT 1 FROM anonymous_ids WHERE anonymous_ids.id = devices.hash AND users <> '{}')
         AND NOT EXISTS (SELECT 1 FROM forgettings WHERE step <> 'done' AND who -> 'anonymous' ->> 0 = devices.id)`,
      [devices, devices.map((id) => hashId(anonymousRef(id)))],
    );
  }
}

async function addRefused(tx: Tx, by: readonly string[]): Promise<void> {
  const counts = [...Map.groupBy(by, (id) => id)].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [id, all] of counts) {
    await tx.query('UPDATE forgotten SET refused = refused + $2 WHERE id = $1', [id, all.length]);
  }
}

/** Deletes are done by the workers; they are as durable as any event. */
async function askDeletes(tx: Tx, deletes: readonly Keyed[]): Promise<void> {
  if (deletes.length === 0) {
    return;
  }
  const fresh = await takeKeys(tx, deletes);
  for (const { key, event } of deletes) {
    if (fresh.has(key)) {
      const { userId, anonymousId, receivedAt } = event;
      const who = userId === null ? { anonymous: [anonymousId] } : { users: [userId] };
      await tx.query(
        `INSERT INTO forgettings (at, author, reason, who) VALUES ($1, 'segment', 'delete event', $2)`,
        [isoInstant(receivedAt), JSON.stringify(who)],
      );
    }
  }
}

/** Where elements that could not become events name their own person. */
const OWN_IDS = ['userId', 'user_id', 'previousId', 'anonymousId', 'anonymous_id', 'device_id'];

/** An element of a forgotten person goes; of others what it says of them is replaced. Its hash stays that of what came. */
function admittedElement(known: Known, one: QuarantinedEvent): QuarantinedEvent[] {
  if (known.hashes.size === 0) {
    return [one];
  }
  const parsed = parsedOf(one.raw);
  const theirs = isOwnElement(parsed, (id) =>
    ['u:', 'a:'].some((kind) => isForgotten(known, `${kind}${id}`)),
  );
  if (theirs) {
    return [];
  }
  const replace = mentionsReplaced(known);
  const next = parsed === null ? null : replacedIn(parsed, replace);
  const raw = next === null ? replace(one.raw) : next === parsed ? one.raw : JSON.stringify(next);
  return [{ ...one, raw, reason: replace(one.reason) }];
}

/** Whether a raw element names one of the ids as its own person. */
export function isOwnElement(parsed: Json, isTheirs: (id: string) => boolean): boolean {
  return (
    isJsonObject(parsed) &&
    OWN_IDS.some((name) => {
      const id = parsed[name];
      return (typeof id === 'string' || typeof id === 'number') && isTheirs(String(id));
    })
  );
}

export function parsedOf(raw: string): Json {
  try {
    return JSON.parse(raw) as Json;
  } catch {
    return null;
  }
}
