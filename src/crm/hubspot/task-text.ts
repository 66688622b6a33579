import { createHash } from 'node:crypto';
import { escapedHtml } from '../../shared/html.ts';
import type { TaskChange } from '../../sync/crm.ts';
import type { Association, Properties } from './batch.ts';

/** HubSpot's default association types from a task (the client's `AssociationTypes`). */
const TASK_TO_COMPANY = 192;
const TASK_TO_CONTACT = 204;

/** The body is shown as rich text: what came from a product's traffic must not become markup. */
export function taskBody(text: string): string {
  return escapedHtml(text).replaceAll(/\r\n|\r|\n/g, '<br>');
}

/** One word that names this task to the search: tokens of letters and digits are found whole. */
export function taskMarker(key: string): string {
  return `pql${createHash('sha256').update(key).digest('hex').slice(0, 20)}`;
}

const PRIORITIES = { high: 'HIGH', normal: 'MEDIUM', low: 'LOW' } as const;

/** Only the documented values of status, priority and type; `hs_timestamp` is the due date. */
export function taskProperties(change: TaskChange): Properties {
  return {
    hs_timestamp: new Date(change.dueAt).toISOString(),
    hs_task_subject: change.subject,
    hs_task_body: taskBody(change.body),
    hs_task_status: 'NOT_STARTED',
    hs_task_priority: PRIORITIES[change.priority],
    hs_task_type: change.type.toUpperCase(),
    ...(change.ownerId === null ? {} : { hubspot_owner_id: change.ownerId }),
  };
}

export function taskAssociations(change: TaskChange): Association[] {
  return [
    ...associate(change.accountCrmId, TASK_TO_COMPANY),
    ...associate(change.personCrmId, TASK_TO_CONTACT),
  ];
}

function associate(id: string | null, associationTypeId: number): Association[] {
  return id === null
    ? []
    : [{ to: { id }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId }] }];
}

/** The same task with its marker as the last line of the body. */
export function withMarker(change: TaskChange): TaskChange {
  return { ...change, body: `${change.body}\n\n${taskMarker(change.key)}` };
}
