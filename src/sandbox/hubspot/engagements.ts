import type { Row } from './property-row.ts';

/** Calls, mails, meetings, messages and notes: what each holds, and how they hang together. */

export const ENGAGEMENTS = ['calls', 'emails', 'meetings', 'communications', 'notes'] as const;
export type Engagement = (typeof ENGAGEMENTS)[number];

/** Ids of object types, and of associations with companies, contacts and deals, as the official client lists them. */
export const ENGAGEMENT_TYPES: Record<Engagement, string> = {
  calls: '0-48',
  emails: '0-49',
  meetings: '0-47',
  communications: '0-18',
  notes: '0-46',
};
const LINKS: Record<Engagement, { companies: number; contacts: number; deals: number }> = {
  calls: { companies: 182, contacts: 194, deals: 206 },
  emails: { companies: 186, contacts: 198, deals: 210 },
  meetings: { companies: 188, contacts: 200, deals: 212 },
  communications: { companies: 87, contacts: 81, deals: 85 },
  notes: { companies: 190, contacts: 202, deals: 214 },
};
/** Of messages the reverse has the larger number, of all others the smaller. */
const reverse = (engagement: Engagement, type: number) =>
  engagement === 'communications' ? type + 1 : type - 1;

const TARGETS = ['companies', 'contacts', 'deals'] as const;
const ALL = ENGAGEMENTS.flatMap((from) => TARGETS.map((to) => ({ from, to, type: LINKS[from][to] })));

/** Default association types by direction. */
export const ENGAGEMENT_LINKS: Record<string, number> = Object.fromEntries(
  ALL.flatMap(({ from, to, type }) => [
    [`${from}>${to}`, type],
    [`${to}>${from}`, reverse(from, type)],
  ]),
);
export const ENGAGEMENT_REVERSE: Record<number, number> = Object.fromEntries(
  ALL.flatMap(({ from, type }) => [
    [type, reverse(from, type)],
    [reverse(from, type), type],
  ]),
);
/** Where an association type leads. */
export const ENGAGEMENT_TARGETS: Record<number, (typeof TARGETS)[number]> = Object.fromEntries(
  ALL.map(({ to, type }) => [type, to]),
);

const COMMON: Row[] = [
  ['hs_createdate', 'datetime', 'date', { readOnly: true }],
  ['hs_lastmodifieddate', 'datetime', 'date', { readOnly: true }],
  ['hs_timestamp', 'datetime', 'date'],
  ['hs_object_source', 'string', 'text', { readOnly: true }],
];
const options = (...values: string[]) => ({ options: values });

export const ENGAGEMENT_ROWS: Record<Engagement, Row[]> = {
  calls: [
    ...COMMON,
    ['hs_call_title', 'string', 'text'],
    ['hs_call_body', 'string', 'html'],
    ['hs_call_direction', 'enumeration', 'select', options('INBOUND', 'OUTBOUND')],
    [
      'hs_call_status',
      'enumeration',
      'select',
      options('BUSY', 'CANCELED', 'COMPLETED', 'FAILED', 'NO_ANSWER', 'QUEUED', 'RINGING'),
    ],
    ['hs_call_disposition', 'string', 'text'],
    ['hs_call_duration', 'number', 'number'],
  ],
  emails: [
    ...COMMON,
    ['hs_email_subject', 'string', 'text'],
    ['hs_email_text', 'string', 'textarea'],
    ['hs_email_html', 'string', 'html'],
    ['hs_email_direction', 'enumeration', 'select', options('EMAIL', 'INCOMING_EMAIL', 'FORWARDED_EMAIL')],
    [
      'hs_email_status',
      'enumeration',
      'select',
      options('BOUNCED', 'FAILED', 'SCHEDULED', 'SENDING', 'SENT'),
    ],
  ],
  meetings: [
    ...COMMON,
    ['hs_meeting_title', 'string', 'text'],
    ['hs_meeting_body', 'string', 'html'],
    ['hs_meeting_start_time', 'datetime', 'date'],
    ['hs_meeting_end_time', 'datetime', 'date'],
    [
      'hs_meeting_outcome',
      'enumeration',
      'select',
      options('SCHEDULED', 'COMPLETED', 'RESCHEDULED', 'NO_SHOW', 'CANCELED'),
    ],
  ],
  communications: [
    ...COMMON,
    [
      'hs_communication_channel_type',
      'enumeration',
      'select',
      options('WHATS_APP', 'LINKEDIN_MESSAGE', 'SMS'),
    ],
    ['hs_communication_logged_from', 'enumeration', 'select', options('CRM')],
    ['hs_communication_body', 'string', 'html'],
  ],
  notes: [...COMMON, ['hs_note_body', 'string', 'html']],
};
