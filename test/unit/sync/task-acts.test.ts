import { describe, expect, it } from 'vitest';
import type { TaskAct } from '../../../src/sync/outbox.ts';
import { earlierTask, isOvertaken, tasksBefore } from '../../../src/sync/task-acts.ts';

const act = (id: string, over: Partial<TaskAct> = {}): TaskAct => ({
  id,
  account: 'a',
  kind: 'task',
  state: 'done',
  play: 'mql',
  crmId: `crm-${id}`,
  ...over,
});

const waiting = (id: string) => act(id, { state: 'waiting', crmId: null });
const close = (id: string) => act(id, { kind: 'close', play: null, crmId: null, state: 'waiting' });

/** The act `me` asks; its play is mql. */
const me = { id: 'me', payload: { noteIfOpen: 'again', play: 'mql' } } as Parameters<typeof earlierTask>[0];

describe('one open task per account and play: whose task a new one may join', () => {
  it.each<[string, TaskAct[], ReturnType<typeof earlierTask>]>([
    ['the one before', [act('1'), waiting('me')], 'crm-1'],
    ['the newest of those before', [act('1'), act('2'), waiting('me')], 'crm-2'],
    ['none, when it is the first', [waiting('me')], null],
    ['none that came later', [waiting('me'), act('2')], null],
    ['none of another play', [act('1', { play: 'hot' }), waiting('me')], null],
    ['none from before plays were known', [act('1', { play: null }), waiting('me')], null],
    ['none that the CRM refused', [act('1', { state: 'parked', crmId: null }), waiting('me')], null],
    ['none that was skipped', [act('1', { state: 'skipped', crmId: null }), waiting('me')], null],
    ['the one before a refused one', [act('1'), act('2', { state: 'parked' }), waiting('me')], 'crm-1'],
    ['it waits for one that is on its way', [waiting('1'), waiting('me')], 'pending'],
    ['a note is no task', [act('1', { kind: 'note' }), waiting('me')], null],
    ['nobody knows of it', [act('1')], null],
  ])('%s', (_what, acts, expected) => {
    expect(earlierTask(me, acts)).toBe(expected);
  });

  it.each([null, undefined])('a play that wants another task has one (noteIfOpen %s)', (noteIfOpen) => {
    const item = { id: 'me', payload: { play: 'mql', noteIfOpen } } as typeof me;
    expect(earlierTask(item, [act('1'), waiting('me')])).toBeNull();
  });
});

describe('a task whose account bought or was suppressed meanwhile', () => {
  it.each<[string, TaskAct[], Partial<Parameters<typeof isOvertaken>[0]>, boolean]>([
    ['is not made', [waiting('me'), close('2')], {}, true],
    [
      'is not made, when it was parked until then',
      [waiting('me'), { ...close('2'), state: 'skipped' }],
      {},
      true,
    ],
    [
      'is looked up, when it is uncertain: it may be there, to be closed',
      [waiting('me'), close('2')],
      { firstTriedAt: 1 },
      false,
    ],
    [
      'is looked up, when an answer was lost: it may be there, to be closed',
      [waiting('me'), close('2')],
      { attempts: 1 },
      false,
    ],
    ['is made, when that was before it', [close('1'), waiting('me')], {}, false],
    ['is made, when the account only cooled', [waiting('me'), { ...close('2'), kind: 'note' }], {}, false],
  ])('%s', (_what, acts, over, expected) => {
    expect(isOvertaken({ id: 'me', attempts: 0, firstTriedAt: null, ...over }, acts)).toBe(expected);
  });
});

describe('the tasks that a line for the whole account concerns', () => {
  it.each<[string, TaskAct[], ReturnType<typeof tasksBefore>]>([
    ['all before it, of any play', [act('1'), act('2', { play: 'hot' }), close('me')], ['crm-1', 'crm-2']],
    [
      'each once, when one act joined the task of another',
      [act('1'), act('2', { crmId: 'crm-1' }), close('me')],
      ['crm-1'],
    ],
    ['none that came later', [act('1'), close('me'), act('2')], ['crm-1']],
    ['it waits until all of them are known', [act('1'), waiting('2'), close('me')], 'pending'],
    ['it waits for none that came later', [act('1'), close('me'), waiting('2')], ['crm-1']],
    ['none that the CRM refused', [act('1', { state: 'parked', crmId: null }), close('me')], []],
    ['none', [close('me')], []],
  ])('%s', (_what, acts, expected) => {
    expect(tasksBefore('me', acts)).toEqual(expected);
  });
});
