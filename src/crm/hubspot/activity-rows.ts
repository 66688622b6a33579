import { instantOf } from '../../accounts/signup.ts';
import type { Activity } from '../../sync/activities.ts';
import type { ActivityType } from './batch.ts';
import type { CrmRecord } from './reply.ts';

/** HubSpot's activities in our words: never a subject, a text, an address or a number. Pure. */

const COMMON = [
  'hs_timestamp',
  'hs_createdate',
  'hs_lastmodifieddate',
  'hubspot_owner_id',
  'hs_object_source',
];

/** What is asked of each. */
export const ACTIVITY_PROPERTIES: Record<ActivityType | 'tasks', string[]> = {
  calls: [...COMMON, 'hs_call_direction', 'hs_call_status'],
  emails: [...COMMON, 'hs_email_direction', 'hs_email_status'],
  meetings: [...COMMON, 'hs_meeting_start_time', 'hs_meeting_end_time', 'hs_meeting_outcome'],
  communications: [...COMMON, 'hs_communication_channel_type'],
  tasks: [...COMMON, 'hs_task_status', 'hs_task_completion_date'],
};

type Kinds = Record<ActivityType | 'tasks', Activity['kind']>;
export const KIND_OF: Kinds = {
  calls: 'call',
  emails: 'email',
  meetings: 'meeting',
  communications: 'email',
  tasks: 'task',
};

export function activityId(type: ActivityType | 'tasks', id: string): string {
  return `${type}/${id}`;
}

/** @param account CRM id of the company that it was found by; null: by its own id */
export function activityOf(
  type: ActivityType | 'tasks',
  { id, properties }: CrmRecord,
  account: string | null,
): Activity | null {
  const text = (name: string) => properties[name]?.trim() || null;
  const changedAt = instantOf(text('hs_lastmodifieddate'));
  const loggedAt = instantOf(text('hs_createdate')) ?? changedAt;
  if (loggedAt === null) {
    return null;
  }
  const at = instantOf(text('hs_timestamp')) ?? loggedAt;
  return {
    id: activityId(type, id),
    kind: KIND_OF[type],
    at,
    until: null,
    loggedAt,
    automatic: AUTOMATIC.test(text('hs_object_source') ?? ''),
    owner: text('hubspot_owner_id'),
    account,
    person: null,
    deleted: false,
    ...(OWN[type] as (read: Read) => Own)({ text, at, changedAt: changedAt ?? loggedAt }),
  };
}

/** Who makes activities by itself. Which words HubSpot has for its sources is not documented: they are recognised by a part. */
const AUTOMATIC = /IMPORT|WORKFLOW|AUTOMATION|SEQUENCE/i;
/** Booked by the buyer with the meetings tool. */
const MEETINGS_TOOL = /MEETING/i;

interface Read {
  text: (name: string) => string | null;
  at: number;
  changedAt: number;
}

type Own = Pick<Activity, 'side' | 'state'> & Partial<Pick<Activity, 'at' | 'until' | 'ours'>>;

const OWN: Record<ActivityType | 'tasks', (read: Read) => Own> = {
  calls: ({ text }) => ({
    side: text('hs_call_direction')?.toUpperCase() === 'INBOUND' ? 'theirs' : 'ours',
    state: NO_CALL.test(text('hs_call_status') ?? '') ? 'void' : 'done',
  }),
  emails: ({ text }) => ({
    side: SIDES[text('hs_email_direction')?.toUpperCase() ?? ''] ?? null,
    state: NOT_SENT.test(text('hs_email_status') ?? '') ? 'void' : 'done',
  }),
  meetings: ({ text, at }) => {
    const start = instantOf(text('hs_meeting_start_time')) ?? at;
    return {
      side: MEETINGS_TOOL.test(text('hs_object_source') ?? '') ? 'theirs' : 'ours',
      state: OUTCOMES[text('hs_meeting_outcome')?.toUpperCase().replaceAll(' ', '_') ?? ''] ?? 'planned',
      at: start,
      until: instantOf(text('hs_meeting_end_time')),
    };
  },
  // No direction is documented: a message that somebody logged is one of ours.
  communications: () => ({ side: 'ours', state: 'done' }),
  tasks: ({ text, changedAt }) => {
    const done = text('hs_task_status')?.toUpperCase() === 'COMPLETED';
    // Before it is completed the same property may hold when it is due.
    const completedAt = instantOf(text('hs_task_completion_date')) ?? changedAt;
    return { side: 'ours', ours: true, state: done ? 'done' : 'void', ...(done ? { at: completedAt } : {}) };
  },
};

const NO_CALL = /^(CANCELED|CANCELLED|FAILED|QUEUED|SCHEDULED)$/i;
const NOT_SENT = /^(BOUNCED|FAILED|SCHEDULED|SENDING|DRAFT)$/i;
/** A mail that was forwarded into the CRM may be anybody's. */
const SIDES: Record<string, Activity['side']> = { EMAIL: 'ours', INCOMING_EMAIL: 'theirs' };
const OUTCOMES: Record<string, Activity['state']> = {
  COMPLETED: 'done',
  NO_SHOW: 'missed',
  // Another meeting stands for it.
  RESCHEDULED: 'missed',
  CANCELED: 'void',
  CANCELLED: 'void',
};

export function goneActivity(id: string, type: ActivityType | 'tasks'): Activity {
  return {
    id,
    kind: KIND_OF[type],
    side: null,
    at: 0,
    until: null,
    loggedAt: 0,
    state: 'void',
    automatic: false,
    owner: null,
    account: null,
    person: null,
    deleted: true,
  };
}

/** What HubSpot calculates of a company's activities; notes and tasks move none of these. Which ones it keeps differs by plan. */
export const ROLL_UPS = [
  'notes_last_contacted',
  'num_contacted_notes',
  'hs_sales_email_last_replied',
  'hs_latest_meeting_activity',
  'engagements_last_meeting_booked',
];
const DATES = ROLL_UPS.filter((name) => name !== 'num_contacted_notes');

/** How a company looks from afar; '': it has no such figures, or the portal keeps none. */
export function looksLike(properties: Readonly<Record<string, string | null>>): string {
  const values = ROLL_UPS.map((name) => properties[name]?.trim() ?? '');
  return values.some((value) => value !== '') ? values.join(' ') : '';
}

/** Whether something may have happened since (ms), of a company that nobody has looked at before. */
export function isBusySince(properties: Readonly<Record<string, string | null>>, since: number): boolean {
  return DATES.some((name) => (instantOf(properties[name]?.trim() || null) ?? 0) >= since);
}
