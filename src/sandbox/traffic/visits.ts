import type { Deed } from './deeds.ts';
import { pick, type Random, whole } from './random.ts';
import type { Pace } from './story.ts';

/** How likely somebody is to show up on a day. */
const LIKELY: Record<Pace, number> = { daily: 0.9, often: 0.55, rarely: 0.2, never: 0 };

type Maker = (random: Random) => Deed;

const choice =
  (event: string, property: string, values: readonly [string, ...string[]]): Maker =>
  (random) => ({ event, properties: { [property]: pick(random, values) } });
const number =
  (event: string, property: string, least: number, most: number): Maker =>
  (random) => ({ event, properties: { [property]: whole(random, least, most) } });

/**
 * What people do between the things that a plot names; none of it gives points, some of it is depth of use.
 */
const USUAL: readonly [Maker, ...Maker[]] = [
  choice('Key Feature Used', 'feature', ['dashboards', 'exports', 'alerts', 'reports']),
  choice('Secondary Feature Used', 'feature', ['comments', 'themes']),
  choice('Core Action Completed', 'action', ['dashboard_created', 'query_run', 'report_created']),
  choice('Record Created', 'kind', ['contact', 'task', 'note']),
  choice('Settings Configured', 'setting', ['timezone', 'language', 'notifications']),
  number('Session Ended', 'duration_seconds', 60, 2400),
  number('API Calls Made', 'count', 1, 500),
  choice('Upgrade Prompt Hovered', 'feature', ['sso', 'forecasting']),
];

/** A page call rather than a track call, for senders that have one. */
export const PAGE = 'Page Viewed';

/** What somebody does on a day outside the plot; nothing when they do not show up. */
export function visit(random: Random, pace: Pace): Deed[] {
  if (random() >= LIKELY[pace]) {
    return [];
  }
  const page = { event: PAGE, properties: { path: pick(random, ['/home', '/reports', '/settings']) } };
  const usual = Array.from({ length: whole(random, 2, 5) }, () => pick(random, USUAL)(random));
  return [{ event: 'Signed In', properties: {} }, page, ...usual];
}
