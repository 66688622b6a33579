import { cut } from '../../shared/cut.ts';
import { isoDate } from '../../shared/time.ts';
import type { Outcome, Outcomes, TaskChange } from '../../sync/crm.ts';
import { unwanted } from '../../sync/unwanted.ts';
import { settleRest } from '../settle-all.ts';
import type { SalesforceClient } from './client.ts';
import { type Row, toOutcome, type Written, writeCollection } from './collections.ts';
import { followConversions } from './conversions.ts';
import { type Describes, picklistValue } from './describe.ts';
import { failureOf } from './failure.ts';
import { isLead } from './match-people.ts';
import { outcomeOf, ownerRefusal, refusesOwner } from './outcomes.ts';
import { inList, selectWhere } from './soql.ts';

const SUBJECT_MAX = 255;
export const DESCRIPTION_MAX = 32_000;

/**
 * Tasks, each once. The keys are looked up first, so that a repeat leaves alone what a rep has edited since; the
 * write itself is an upsert by the unique key, so that two attempts at once still make one task.
 */
export async function createTasks(
  client: SalesforceClient,
  describes: Describes,
  keyField: string,
  changes: readonly TaskChange[],
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  try {
    const keys = changes.map(({ key }) => key);
    const existing = await selectWhere<{ Id: string; [field: string]: string }>(
      client,
      `SELECT Id, ${keyField} FROM Task`,
      keys,
      (part) => inList(keyField, part),
    );
    for (const task of existing) {
      outcomes.set(task[keyField] ?? '', { state: 'done', crmId: task.Id, note: 'there already' });
    }
    for (const { key, unwanted: why } of changes) {
      if (why !== undefined && !outcomes.has(key)) {
        outcomes.set(key, unwanted(why));
      }
    }
    const fields = await describes.fields('Task');
    const unique = new Map(
      changes.filter(({ key }) => !outcomes.has(key)).map((change) => [change.key, change]),
    );
    const open = [...unique.values()];
    const current = await followConversions(
      client,
      open.flatMap(({ personCrmId }) => personCrmId ?? []),
    );
    const rows = open.map(({ personCrmId, ...change }) =>
      taskRow(keyField, { ...change, personCrmId: personCrmId && current(personCrmId) }, fields),
    );
    for (const written of await writeCollection(
      client,
      { kind: 'upsert', sobject: 'Task', by: keyField },
      rows,
    )) {
      outcomes.set(written.key, taskOutcome(written, keyField));
    }
  } catch (error) {
    settleRest(changes, outcomeOf(failureOf(error), 'harmless'), outcomes);
  }
  return outcomes;
}

/** A refused owner says nothing about the records that the task is about. */
function taskOutcome(written: Written, keyField: string): Outcome {
  if (written.result === 'ok' || !refusesOwner(written.failure)) {
    return toOutcome(written, 'harmful', keyField);
  }
  return { ...ownerRefusal(written.failure), ownerRefused: true };
}

/** A lead cannot stand beside a WhatId. The due date is a day: midnight UTC of the day it falls on. */
function taskRow(
  keyField: string,
  change: TaskChange,
  fields: Awaited<ReturnType<Describes['fields']>>,
): Row {
  const { key, personCrmId, accountCrmId, ownerId } = change;
  const priority = picklistValue(fields.get('Priority'), PRIORITIES[change.priority]);
  const status = picklistValue(fields.get('Status'), 'Not Started');
  const onLead = personCrmId !== null && isLead(personCrmId);
  return {
    key,
    record: {
      [keyField]: key,
      Subject: cut(change.subject, SUBJECT_MAX),
      Description: cut(change.body, DESCRIPTION_MAX),
      ActivityDate: isoDate(change.dueAt),
      ...(priority === undefined ? {} : { Priority: priority }),
      ...(status === undefined ? {} : { Status: status }),
      ...(personCrmId === null ? {} : { WhoId: personCrmId }),
      ...(accountCrmId === null || onLead ? {} : { WhatId: accountCrmId }),
      ...(ownerId === null ? {} : { OwnerId: ownerId }),
      ...typeOf(change.type, fields),
    },
  };
}

const PRIORITIES = { high: 'High', normal: 'Normal', low: 'Low' } as const;
const TYPES = { call: 'Call', email: 'Email' } as const;

/** A task of no particular type is left to the org's defaults. Not every org has both fields, or these values. */
function typeOf(type: TaskChange['type'], fields: Awaited<ReturnType<Describes['fields']>>) {
  const has = (name: string, value: string) =>
    fields.get(name)?.picklistValues?.some((one) => one.active && one.value === value) === true;
  const value = type === 'todo' ? null : TYPES[type];
  return value === null
    ? {}
    : Object.fromEntries(
        ['Type', 'TaskSubtype'].filter((name) => has(name, value)).map((name) => [name, value]),
      );
}
