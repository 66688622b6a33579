import { type Org, SfError, type SfRecord } from './org.ts';
import type { SObject } from './schema.ts';

/** What the platform knows of owners, tasks and campaign members beyond their fields. */

type Values = Record<string, unknown>;

/** A record belongs to whoever made it, unless somebody else is named, who must be active. Leads and tasks also to queues. */
export function ownedBy(org: Org, object: SObject, values: Values, isNew: boolean): Values {
  if (!object.fields.some(({ name }) => name === 'OwnerId')) {
    return {};
  }
  const { OwnerId: owner } = values;
  if (owner === undefined || owner === null) {
    return isNew && org.runningUser !== '' ? { OwnerId: org.runningUser } : {};
  }
  const id = String(owner);
  const queue = org.find('Group', id);
  if (queue !== undefined && mayOwn(org, queue, object.name)) {
    return {};
  }
  const user = org.find('User', id);
  if (user === undefined) {
    throw new SfError('INVALID_CROSS_REFERENCE_KEY', 'Owner ID: id value of incorrect type', ['OwnerId']);
  }
  if (user.IsActive !== true) {
    const message = `operation performed with inactive user [${id}] as owner of ${object.name.toLowerCase()}`;
    throw new SfError('INACTIVE_OWNER_OR_USER', message, ['OwnerId']);
  }
  return {};
}

function mayOwn(org: Org, queue: SfRecord, object: string): boolean {
  return org
    .all('QueueSobject')
    .some(({ QueueId, SobjectType }) => QueueId === queue.Id && SobjectType === object);
}

/** Fields that follow from others: whether a task is closed, and whether a member has responded. */
export function derived(
  org: Org,
  object: SObject,
  values: Values,
  before: Values | null,
  now: string,
): Values {
  if (object.name === 'Task' && (values.Status !== undefined || before === null)) {
    const closed = closedStatuses(org).includes(String(values.Status ?? 'Not Started'));
    const completed = before?.IsClosed === true ? before.CompletedDateTime : now;
    return {
      IsClosed: closed,
      CompletedDateTime: closed ? completed : null,
      ...madeFor(org, object, values, before),
    };
  }
  if (['Task', 'Event', 'EmailMessage'].includes(object.name)) {
    return madeFor(org, object, values, before);
  }
  if (object.name === 'CampaignMember' && (values.Status !== undefined || before === null)) {
    const status = values.Status ?? 'Sent';
    const campaign = values.CampaignId ?? before?.CampaignId;
    const row = statusesOf(org, campaign).find(({ Label }) => Label === status);
    return { HasResponded: row?.HasResponded === true };
  }
  return {};
}

/** Who made an activity, and the account that it belongs to; one of a lead belongs to none. */
function madeFor(org: Org, object: SObject, values: Values, before: Values | null): Values {
  const by = before === null ? { CreatedById: org.runningUser } : {};
  const { WhatId, WhoId } = { ...before, ...values };
  return object.name === 'EmailMessage' ? by : { ...by, AccountId: accountOf(org, WhatId, WhoId) };
}

function accountOf(org: Org, what: unknown, who: unknown): unknown {
  const id = String(what ?? '');
  return org.find('Account', id) !== undefined
    ? id
    : (org.find('Opportunity', id)?.AccountId ?? org.find('Contact', String(who ?? ''))?.AccountId ?? null);
}

/**
 * What the platform does when an activity is saved: a mail gets a closed task, which stands for it on the timeline, and the
 * account shows the day of the latest closed task (when it was due) or event, which may lie ahead.
 */
export function activitySaved(org: Org, object: SObject, record: SfRecord): void {
  if (object.name === 'EmailMessage' && record.ParentId == null && record.ActivityId == null) {
    const { RelatedToId, MessageDate } = record;
    const task = org.insert('Task', {
      TaskSubtype: 'Email',
      Status: 'Completed',
      IsClosed: true,
      CompletedDateTime: MessageDate,
      WhatId: RelatedToId,
      AccountId: accountOf(org, RelatedToId, null),
      OwnerId: record.CreatedById,
      CreatedById: record.CreatedById,
    });
    record.ActivityId = task.Id;
  }
  const day =
    object.name === 'Event' ? record.StartDateTime : record.IsClosed === true ? record.ActivityDate : null;
  const account = org.find('Account', String(record.AccountId ?? ''));
  const date = String(day ?? '').slice(0, 10);
  if (account !== undefined && date > String(account.LastActivityDate ?? '')) {
    account.LastActivityDate = date;
  }
}

function closedStatuses(org: Org): string[] {
  return org
    .all('TaskStatus')
    .filter(({ IsClosed }) => IsClosed === true)
    .map(({ ApiName }) => String(ApiName));
}

function statusesOf(org: Org, campaign: unknown): SfRecord[] {
  return org.all('CampaignMemberStatus').filter(({ CampaignId }) => CampaignId === campaign);
}

/** A person is in a campaign once, with a status that the campaign has. */
export function checkMember(org: Org, values: Values): void {
  const person = values.ContactId == null ? 'LeadId' : 'ContactId';
  const theirs = org.having('CampaignMember', person, values[person]);
  if (theirs.some((member) => member.CampaignId === values.CampaignId)) {
    throw new SfError('DUPLICATE_VALUE', 'Already a campaign member.');
  }
  const labels = statusesOf(org, values.CampaignId).map(({ Label }) => Label);
  if (values.Status !== undefined && !labels.includes(values.Status)) {
    throw new SfError(
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      `Status: bad value for restricted picklist field: ${values.Status}`,
      ['Status'],
    );
  }
}

/** A label stands once in a campaign, and one status is the default. */
export function checkMemberStatus(org: Org, values: Values): void {
  const there = statusesOf(org, values.CampaignId);
  if (there.some(({ Label }) => String(Label).toLowerCase() === String(values.Label).toLowerCase())) {
    const message = 'This label already exists on this campaign. Please use a different label.';
    throw new SfError('FIELD_INTEGRITY_EXCEPTION', message, ['Label']);
  }
  if (values.IsDefault === true) {
    for (const status of there.filter(({ IsDefault }) => IsDefault === true)) {
      org.update('CampaignMemberStatus', status, { IsDefault: false });
    }
  }
}

/** Nothing refers to a lead that has become a contact, nor to a campaign that is gone. */
export function checkReferences(org: Org, object: SObject, values: Values): void {
  const lead = object.name === 'Task' ? values.WhoId : values.LeadId;
  const concerns = object.name === 'Task' || object.name === 'CampaignMember';
  if (concerns && lead != null && org.find('Lead', String(lead))?.IsConverted === true) {
    throw new SfError('CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead');
  }
  if (object.name === 'CampaignMember' && values.CampaignId !== undefined) {
    const campaign = org.find('Campaign', String(values.CampaignId));
    if (campaign === undefined || campaign.IsDeleted === true) {
      throw new SfError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id');
    }
  }
}

/** As a rep converts a lead: it becomes a contact of an account, and takes its tasks and memberships along. */
export function convertLead(org: Org, leadId: string, accountId: string): SfRecord {
  const lead = org.find('Lead', leadId);
  if (lead === undefined) {
    throw new SfError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id');
  }
  const { FirstName, LastName, Email, Title, OwnerId } = lead;
  const contact = org.insert('Contact', { FirstName, LastName, Email, Title, OwnerId, AccountId: accountId });
  org.update('Lead', lead, {
    IsConverted: true,
    Status: 'Closed - Converted',
    ConvertedContactId: contact.Id,
    ConvertedAccountId: accountId,
  });
  for (const member of org.all('CampaignMember').filter(({ LeadId }) => LeadId === leadId)) {
    org.update('CampaignMember', member, { ContactId: contact.Id });
  }
  for (const task of org.all('Task').filter(({ WhoId }) => WhoId === leadId)) {
    org.update('Task', task, { WhoId: contact.Id, WhatId: accountId });
  }
  return contact;
}

/** What every org has before anybody works in it. */
export function seedOrg(org: Org): void {
  const statuses: [string, boolean][] = [
    ['Not Started', false],
    ['In Progress', false],
    ['Completed', true],
  ];
  statuses.forEach(([name, IsClosed], i) => {
    org.insert('TaskStatus', {
      ApiName: name,
      MasterLabel: name,
      IsClosed,
      SortOrder: i + 1,
      IsDefault: i === 0,
    });
  });
  for (const [name, IsActive] of [
    ['Ada', true],
    ['Ben', true],
    ['Former', false],
  ] as const) {
    const Email = `${name.toLowerCase()}.rep@sandbox.example`;
    org.insert('User', { Username: Email, Email, Name: `${name} Rep`, IsActive });
  }
}
