import { clockOf } from '../accounts/zone.ts';
import { isoDate } from '../shared/time.ts';
import { liquid } from './liquid.ts';

/** What the name of a campaign may be made of. The calendar is that of the mapping's time zone. */
export interface CampaignFacts {
  /** `2026-03` */
  month: string;
  /** `2026-Q1` */
  quarter: string;
  year: string;
  model: string;
  tier: string;
  route: string;
}

/** The parts that are known before anybody crosses. */
export type CampaignCalendar = Pick<CampaignFacts, 'month' | 'quarter' | 'year'>;

/** Month, quarter and year of an instant in an IANA time zone; an unknown zone is UTC. */
export function calendarAt(now: number, zone: string): CampaignCalendar {
  const date = isoDate(now + (clockOf(zone)?.(now) ?? 0));
  const [year = '', month = ''] = date.split('-');
  return { month: date.slice(0, 7), quarter: `${year}-Q${Math.ceil(Number(month) / 3)}`, year };
}

/** `PQL MQL {{ month }}` -> `PQL MQL 2026-03`. Throws for a template that names anything else. */
export function campaignName(template: string, facts: CampaignFacts): string {
  return String(liquid.parseAndRenderSync(template, { ...facts }))
    .replace(/\s+/g, ' ')
    .trim();
}

/**
 * The name while nobody has crossed yet, for set-up; null: it hangs on the model, the tier or the route, so that the
 * campaign is made with its first member.
 */
export function nameBeforeCrossing(template: string, now: number, zone: string): string | null {
  try {
    return String(liquid.parseAndRenderSync(template, { ...calendarAt(now, zone) }))
      .replace(/\s+/g, ' ')
      .trim();
  } catch {
    return null;
  }
}

const SAMPLE: CampaignFacts = {
  month: '2026-03',
  quarter: '2026-Q1',
  year: '2026',
  model: 'mql-rubric',
  tier: 'mql',
  route: 'SDR',
};

/** What is wrong with a template, in words; null: nothing. */
export function campaignNameProblem(template: string): string | null {
  try {
    return campaignName(template, SAMPLE) === '' ? 'a name that comes out empty' : null;
  } catch (error) {
    return ((error as Error).message.split(', file')[0] ?? '').split(', line')[0] ?? '';
  }
}
