import { HOUR, startOfUtcDay, utcDay } from '../../shared/time.ts';
import { ALWAYS, afterWorking, type BusinessHours } from './business-hours.ts';

/** Where every hour counts, nobody wants to hear of something at midnight. */
const MORNING = 9 * HOUR;

/** The first instant (ms) after today, by the clock of the hours, at which somebody works. */
export function tomorrow(hours: BusinessHours, at: number): number {
  const { offset } = hours;
  const midnight = startOfUtcDay(utcDay(at + offset(at)) + 1);
  const from = midnight - offset(midnight - offset(at)) + (hours === ALWAYS ? MORNING : 0);
  return afterWorking(hours, from, 0);
}
