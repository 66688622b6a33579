import type { Row } from './property-row.ts';

/** Properties of a deal, as a live portal lists them; the calculated ones take no write. */
export const DEAL_ROWS: Row[] = [
  ['createdate', 'datetime', 'date', { readOnly: true }],
  ['hs_lastmodifieddate', 'datetime', 'date', { readOnly: true }],
  ['dealname', 'string', 'text'],
  ['pipeline', 'enumeration', 'select'],
  ['dealstage', 'enumeration', 'radio'],
  ['amount', 'number', 'number'],
  ['amount_in_home_currency', 'number', 'calculation_equation', { readOnly: true }],
  ['deal_currency_code', 'enumeration', 'select'],
  ['closedate', 'datetime', 'date'],
  ['hs_is_closed', 'bool', 'booleancheckbox', { readOnly: true }],
  ['hs_is_closed_won', 'bool', 'booleancheckbox', { readOnly: true }],
  ['hs_is_closed_lost', 'bool', 'booleancheckbox', { readOnly: true }],
];

/** What HubSpot keeps of a company's activities: the last contact leaves out notes and tasks. */
export const ROLL_UPS: Row[] = [
  ['notes_last_contacted', 'datetime', 'date', { readOnly: true }],
  ['num_contacted_notes', 'number', 'number', { readOnly: true }],
  ['engagements_last_meeting_booked', 'datetime', 'date', { readOnly: true }],
  ['notes_last_updated', 'datetime', 'date', { readOnly: true }],
  ['hs_latest_meeting_activity', 'datetime', 'date', { readOnly: true }],
  ['hs_sales_email_last_replied', 'datetime', 'date', { readOnly: true }],
];

/** Stages of other pipelines than the first have ids of their own: which close a deal only the portal's pipelines say. */
const CLOSING: Record<string, 'won' | 'lost'> = { closedwon: 'won', closedlost: 'lost' };

/** What HubSpot calculates of a deal's stage. A record that brings it along keeps it: it stands for another pipeline. */
export function dealCalculations(properties: Record<string, string>): Record<string, string> {
  const closing = CLOSING[properties.dealstage ?? ''];
  return {
    hs_is_closed: properties.hs_is_closed ?? String(closing !== undefined),
    hs_is_closed_won: properties.hs_is_closed_won ?? String(closing === 'won'),
    hs_is_closed_lost: properties.hs_is_closed_lost ?? String(closing === 'lost'),
  };
}
