import { describe, expect, it } from 'vitest';
import { badAnswers, type Seed } from '../../src/sandbox/hubspot/index.ts';
import type { TaskChange } from '../../src/sync/crm.ts';
import { at, callsTo, FIELDS, NOON, only, task, worlds } from './hubspot-world.ts';

const start = worlds();

const CREATE = at('/crm/v3/objects/tasks/batch/create');
const READ = at('/crm/v3/objects/tasks/batch/read');
const SEARCH = at('/crm/v3/objects/tasks/search');
const SEED: Seed[] = [
  { object: 'companies', properties: { name: 'Initech', domain: 'initech.example' } },
  { object: 'contacts', properties: { email: 'peter@initech.example' } },
];

/** The second attempt at a task whose first answer was lost. */
const again = (change: Partial<TaskChange> = {}) => task({ firstTriedAt: NOON, uncertain: true, ...change });

describe('one task', () => {
  it('is created in one call, due, owned, and on its company and contact', async () => {
    const { crm, sandbox } = await start({ seed: SEED });
    const accountCrmId = sandbox.records('companies')[0]?.id ?? '';
    const personCrmId = sandbox.records('contacts')[0]?.id ?? '';
    const outcome = only(await crm.createTasks([task({ accountCrmId, personCrmId, ownerId: '101' })]));
    expect(outcome).toMatchObject({ state: 'done', created: true });
    expect(sandbox.records('tasks')).toMatchObject([
      {
        properties: {
          hs_timestamp: '2026-11-25T12:00:00.000Z',
          hs_task_subject: 'Initech reached MQL',
          hs_task_status: 'NOT_STARTED',
          hs_task_priority: 'HIGH',
          hs_task_type: 'TODO',
          hubspot_owner_id: '101',
          pql_key: 'acct-7|mql-rubric|mql|1|task',
        },
        associations: { companies: [accountCrmId], contacts: [personCrmId] },
      },
    ]);
    expect(callsTo(sandbox, CREATE)).toBe(1);
    expect(sandbox.calls().filter(({ path }) => path.includes('/associations/'))).toEqual([]);
  });

  it('shows what came from the product as text, not as markup', async () => {
    const { crm, sandbox } = await start();
    await crm.createTasks([task({ body: 'Plan <img src=x onerror=alert(1)> & "more"\nsecond line' })]);
    const body = sandbox.records('tasks')[0]?.properties.hs_task_body ?? '';
    expect(body).toBe('Plan &lt;img src=x onerror=alert(1)&gt; &amp; &quot;more&quot;<br>second line');
  });

  it('goes with 99 others in one call, and a wrong owner parks only its own (I9)', async () => {
    const { crm, sandbox } = await start();
    const changes = Array.from({ length: 100 }, (_, n) =>
      task({ key: `t${n}`, ownerId: n === 7 ? '103' : null }),
    );
    const outcomes = await crm.createTasks(changes);
    expect(outcomes.get('t7')).toMatchObject({ state: 'parked', code: 'invalid_owner_id' });
    expect(sandbox.records('tasks')).toHaveLength(99);
    expect(callsTo(sandbox, CREATE)).toBe(1);
  });

  it('asks for a new match when its company is gone', async () => {
    const { crm, sandbox } = await start();
    const outcome = only(await crm.createTasks([task({ accountCrmId: '999' })]));
    expect(outcome).toMatchObject({ state: 'rematch' });
    expect(sandbox.records('tasks')).toEqual([]);
  });
});

describe('never two tasks for one key (I6, decision 15)', () => {
  it.each([
    ['the connection is reset after the commit', badAnswers.lostAfter()],
    ['a 502 hides the commit', { replyAfter: { status: 502, body: '<html>' } }],
    ['the answer has no Content-Type', { replyAfter: { status: 201 } }],
    ['a success names no record', { replyAfter: { status: 201, body: { status: 'COMPLETE', results: [] } } }],
    ['the connection is reset before anything is done', badAnswers.lostBefore()],
    ['the portal fails', badAnswers.internalError()],
  ])('%s', async (_how, fault) => {
    const { crm, sandbox } = await start();
    sandbox.faults.add({ path: CREATE, ...fault });
    expect(only(await crm.createTasks([task()]))).toMatchObject({ state: 'uncertain' });
    expect(only(await crm.createTasks([again()]))).toMatchObject({ state: 'done' });
    expect(only(await crm.createTasks([again()]))).toMatchObject({ state: 'done' });
    expect(sandbox.records('tasks')).toHaveLength(1);
  });

  it('a process that died before it wrote down the outcome looks first', async () => {
    const { crm, sandbox } = await start();
    await crm.createTasks([task()]);
    const outcome = only(await crm.createTasks([task({ firstTriedAt: NOON })]));
    expect(outcome).toMatchObject({ state: 'done', note: expect.stringContaining('already') });
    expect(callsTo(sandbox, CREATE)).toBe(1);
  });

  it('a repeat leaves what a rep edited', async () => {
    const { crm, sandbox } = await start();
    const first = only(await crm.createTasks([task()]));
    const id = sandbox.records('tasks')[0]?.id ?? '';
    await fetch(`${sandbox.url}/crm/v3/objects/tasks/${id}`, {
      method: 'PATCH',
      headers: { authorization: 'Bearer a-rep', 'content-type': 'application/json' },
      body: JSON.stringify({ properties: { hs_task_status: 'COMPLETED', hs_task_subject: 'Called Peter' } }),
    });
    await crm.createTasks([again()]);
    expect(first).toMatchObject({ state: 'done', crmId: id });
    expect(sandbox.records('tasks')).toMatchObject([
      { properties: { hs_task_status: 'COMPLETED', hs_task_subject: 'Called Peter' } },
    ]);
  });

  it.each(['conflict', 'validation'] as const)(
    'a create that races another ends in its task (%s)',
    async (uniqueClash) => {
      const { crm, sandbox } = await start({ settings: { uniqueClash } });
      await crm.createTasks([task()]);
      sandbox.faults.add({ path: READ, reply: { status: 200, body: { status: 'COMPLETE', results: [] } } });
      const outcome = only(await crm.createTasks([again()]));
      expect(outcome).toMatchObject({ state: 'done', crmId: sandbox.records('tasks')[0]?.id });
      expect(sandbox.records('tasks')).toHaveLength(1);
    },
  );

  it('a first attempt that certainly wrote nothing is simply repeated', async () => {
    const { crm, sandbox } = await start();
    sandbox.faults.add({ path: CREATE, ...badAnswers.tenSecondlyLimit() });
    expect(only(await crm.createTasks([task()]))).toMatchObject({ state: 'retry', afterMs: 10_000 });
    expect(only(await crm.createTasks([task({ firstTriedAt: NOON })]))).toMatchObject({ state: 'done' });
    expect(sandbox.records('tasks')).toHaveLength(1);
  });
});

describe('a portal that allows no unique property on tasks (decision 15)', () => {
  const settings = { taskProperties: 'refused', indexLagMs: 20_000 } as const;

  it('gets the task with a marker in its text', async () => {
    const { crm, sandbox } = await start({ settings });
    expect(only(await crm.createTasks([task()]))).toMatchObject({ state: 'done', created: true });
    expect(sandbox.records('tasks')[0]?.properties.hs_task_body).toMatch(
      /^Invited 5 teammates<br><br>pql[0-9a-f]{20}$/,
    );
  });

  it('finds the task once the search index shows it, and makes no second', async () => {
    const { crm, sandbox, clock } = await start({ settings });
    sandbox.faults.add({ path: CREATE, ...badAnswers.lostAfter() });
    expect(only(await crm.createTasks([task()]))).toMatchObject({ state: 'uncertain' });
    clock.advance(5_000);
    expect(only(await crm.createTasks([again()]))).toMatchObject({
      state: 'uncertain',
      code: 'awaiting_index',
    });
    clock.advance(20_000);
    expect(only(await crm.createTasks([again()]))).toMatchObject({ state: 'done' });
    expect(sandbox.records('tasks')).toHaveLength(1);
  });

  it('parks a task that stays unknown for ten minutes, and never makes it blindly', async () => {
    const { crm, sandbox, clock } = await start({ settings });
    sandbox.faults.add({ path: CREATE, ...badAnswers.lostBefore() });
    await crm.createTasks([task()]);
    clock.advance(9 * 60_000);
    expect(only(await crm.createTasks([again()]))).toMatchObject({ state: 'uncertain' });
    clock.advance(60_000);
    expect(only(await crm.createTasks([again()]))).toMatchObject({ state: 'parked', code: 'uncertain_task' });
    expect(callsTo(sandbox, CREATE)).toBe(1);
  });

  it('waits for the index, then repeats what was certainly not written', async () => {
    const { crm, sandbox, clock } = await start({ settings });
    sandbox.faults.add({ path: CREATE, ...badAnswers.tenSecondlyLimit() });
    await crm.createTasks([task()]);
    clock.advance(10_000);
    const early = only(await crm.createTasks([task({ firstTriedAt: NOON })]));
    expect(early).toEqual(
      expect.objectContaining({ state: 'retry', afterMs: 50_000, code: 'awaiting_index' }),
    );
    clock.advance(50_000);
    expect(only(await crm.createTasks([task({ firstTriedAt: NOON })]))).toMatchObject({ state: 'done' });
    expect(sandbox.records('tasks')).toHaveLength(1);
  });

  it.each([at('/crm/v3/properties/tasks/pql_key'), SEARCH])(
    'stays uncertain while the look at %s fails',
    async (path) => {
      const { crm, sandbox } = await start({ settings });
      sandbox.faults.add({ path, ...badAnswers.secondlyLimit() });
      expect(only(await crm.createTasks([again()]))).toMatchObject({
        state: 'uncertain',
        code: 'rate_limit',
      });
    },
  );

  it('still looks for the marker of an attempt from before the property was made', async () => {
    const { crm, sandbox, clock } = await start({ settings });
    sandbox.faults.add({ path: CREATE, ...badAnswers.lostAfter() });
    await crm.createTasks([task()]);
    clock.advance(30_000);
    sandbox.settings.taskProperties = 'allowed';
    await crm.setup(FIELDS, [], true);
    const outcome = only(await crm.createTasks([again()]));
    expect(outcome).toMatchObject({ state: 'done', crmId: sandbox.records('tasks')[0]?.id });
    expect(sandbox.records('tasks')).toHaveLength(1);
    expect(only(await crm.createTasks([task({ key: 'next' })]))).toMatchObject({ state: 'done' });
    expect(sandbox.records('tasks')[1]?.properties).toMatchObject({
      pql_key: 'next',
      hs_task_body: 'Invited 5 teammates',
    });
  });

  it('uses the property from the first task after it was made', async () => {
    const { crm, sandbox } = await start({ settings });
    await crm.createTasks([task()]);
    sandbox.settings.taskProperties = 'allowed';
    await crm.setup(FIELDS, [], true);
    await crm.createTasks([task({ key: 'next' })]);
    expect(sandbox.records('tasks').map(({ properties }) => properties.pql_key)).toEqual([undefined, 'next']);
  });
});
