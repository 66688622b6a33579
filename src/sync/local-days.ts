import { clockOf } from '../accounts/zone.ts';
import type { DesiredRecord } from '../decide/desired.ts';
import { isoDate } from '../shared/time.ts';

/** What a record should hold, with dates as the days of the CRM's time zone (IANA). A day known as a day stays it. */
export function inZone(desired: DesiredRecord, zone: string): DesiredRecord {
  const { instants } = desired;
  if (instants === undefined) {
    return desired;
  }
  const days = Object.entries(instants).map(([field, at]) => [field, dayIn(zone, Date.parse(at))] as const);
  const of = (values: DesiredRecord['fields']) => ({
    ...values,
    ...Object.fromEntries(days.filter(([field]) => field in values)),
  });
  return { ...desired, fields: of(desired.fields), onCreate: of(desired.onCreate) };
}

/** `2026-03-02` of an instant (ms) in a zone; one that nobody knows is UTC. */
function dayIn(zone: string, at: number): string {
  return isoDate(at + (clockOf(zone)?.(at) ?? 0));
}
