import { dateIn } from '../accounts/zone.ts';

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

const FACT = '\\{\\{ *(?:month|quarter|year|model|tier|route) *\\}\\}';

/** A name with places to fill; anything else in braces is a mistake. */
export const CAMPAIGN_NAME = new RegExp(`^\\s*(?:[^{}\\s]|${FACT})(?:[^{}]|${FACT})*$`);

/** Month, quarter and year of an instant in an IANA time zone; an unknown zone is UTC. */
export function calendarAt(now: number, zone: string): CampaignCalendar {
  const date = dateIn(zone, now);
  const [year = '', month = ''] = date.split('-');
  return { month: date.slice(0, 7), quarter: `${year}-Q${Math.ceil(Number(month) / 3)}`, year };
}

/** `PQL MQL {{ month }}` -> `PQL MQL 2026-03` */
export function campaignName(template: string, facts: CampaignFacts): string {
  return filled(template, { ...facts });
}

/**
 * The name while nobody has crossed yet, for set-up; null: it hangs on the model, the tier or the route, so that the
 * campaign is made with its first member.
 */
export function nameBeforeCrossing(template: string, now: number, zone: string): string | null {
  const name = filled(template, { ...calendarAt(now, zone) });
  return name.includes('{{') ? null : name;
}

function filled(template: string, facts: Record<string, string>): string {
  return template
    .replace(/\{\{ *(\w+) *\}\}/g, (place, fact: string) => facts[fact] ?? place)
    .replace(/\s+/g, ' ')
    .trim();
}
