import { dateIn } from '../accounts/zone.ts';
import type { DesiredRecord } from '../decide/desired.ts';

/** What a record should hold, with dates as the days of the CRM's time zone (IANA). A day known as a day stays it. */
export function inZone(desired: DesiredRecord, zone: string): DesiredRecord {
  const { instants } = desired;
  if (instants === undefined) {
    return desired;
  }
  const days = Object.entries(instants).map(([field, at]) => [field, dateIn(zone, Date.parse(at))] as const);
  const of = (values: DesiredRecord['fields']) => ({
    ...values,
    ...Object.fromEntries(days.filter(([field]) => field in values)),
  });
  return { ...desired, fields: of(desired.fields), onCreate: of(desired.onCreate) };
}
