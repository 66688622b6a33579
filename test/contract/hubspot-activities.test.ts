import { describe, expect, it } from 'vitest';
import { ACTIVITY_PROPERTIES } from '../../src/crm/hubspot/activity-rows.ts';
import { badAnswers } from '../../src/sandbox/hubspot/index.ts';
import { DAY, HOUR, isoInstant } from '../../src/shared/time.ts';
import type { Watched } from '../../src/sync/activities.ts';
import type { ActivityLook } from '../../src/sync/crm-reads.ts';
import { log } from '../support/engagements.ts';
import { at, callsTo, NOON, worlds } from './hubspot-world.ts';

const start = worlds();

async function portal(options: Parameters<typeof start>[0] = {}) {
  const world = await start(options);
  const { sandbox, crm } = world;
  // Which figures the portal keeps is asked once a day.
  await crm.reads.activities.look([]);
  const [company = ''] = sandbox.seed([{ object: 'companies', properties: { name: 'Acme' } }]);
  const watched = (over: Partial<Watched> = {}): Watched => ({
    account: company,
    people: [],
    tasks: [],
    known: [],
    since: NOON - DAY,
    seen: null,
    again: false,
    ...over,
  });
  const look = (over?: Partial<Watched>) => crm.reads.activities.look([watched(over)]);
  return { ...world, company, watched, look };
}

const time = (when: number) => ({ hs_timestamp: isoInstant(when) });
const shown = ({ activities }: ActivityLook) =>
  activities.map(({ kind, side, state, at: when }) => `${kind} ${side} ${state} ${(when - NOON) / HOUR}h`);

describe('reading activities of a portal', () => {
  it('a company without news costs its share of one call', async () => {
    const { sandbox, crm, watched } = await portal();
    const others = sandbox.seed(
      Array.from({ length: 99 }, (_, i) => ({ object: 'companies' as const, properties: { name: `${i}` } })),
    );
    await crm.reads.activities.look([watched()]);
    sandbox.forgetLog();
    const look = await crm.reads.activities.look([
      watched(),
      ...others.map((account) => watched({ account })),
    ]);
    expect(look).toMatchObject({ activities: [], detailed: [], failure: null, calls: 1 });
    expect(sandbox.calls().map(({ path }) => path)).toEqual([at('/crm/v3/objects/companies/batch/read')]);
  });

  it('calls, mails, meetings and messages of a company that has moved, in two calls of each kind at most', async () => {
    const { sandbox, company, look } = await portal();
    await log(sandbox, 'calls', company, {
      ...time(NOON - HOUR),
      hs_call_direction: 'OUTBOUND',
      hubspot_owner_id: '101',
    });
    await log(sandbox, 'calls', company, { ...time(NOON - 2 * HOUR), hs_call_direction: 'INBOUND' });
    await log(sandbox, 'emails', company, {
      ...time(NOON - 3 * HOUR),
      hs_email_direction: 'EMAIL',
      hs_email_status: 'SENT',
    });
    await log(sandbox, 'emails', company, { ...time(NOON - 4 * HOUR), hs_email_direction: 'INCOMING_EMAIL' });
    await log(sandbox, 'emails', company, {
      ...time(NOON),
      hs_email_direction: 'EMAIL',
      hs_email_status: 'BOUNCED',
    });
    await log(sandbox, 'emails', company, { ...time(NOON), hs_email_direction: 'FORWARDED_EMAIL' });
    await log(sandbox, 'meetings', company, {
      ...time(NOON + DAY),
      hs_meeting_end_time: isoInstant(NOON + DAY + HOUR),
      hs_meeting_outcome: 'SCHEDULED',
    });
    await log(sandbox, 'communications', company, {
      ...time(NOON),
      hs_communication_channel_type: 'LINKEDIN_MESSAGE',
    });
    await log(sandbox, 'notes', company, time(NOON));
    sandbox.forgetLog();
    const seen = await look();
    expect(shown(seen).sort()).toEqual([
      'call ours done -1h',
      'call theirs done -2h',
      'email null done 0h',
      'email ours done -3h',
      'email ours done 0h',
      'email ours void 0h',
      'email theirs done -4h',
      'meeting ours planned 24h',
    ]);
    expect(seen.activities).toContainEqual(
      expect.objectContaining({ kind: 'call', owner: '101', account: company, deleted: false }),
    );
    expect(sandbox.calls()).toHaveLength(9);
    expect(seen.calls).toBe(9);
    sandbox.forgetLog();
    expect(await look({ seen: seen.seen.get(company) ?? null })).toMatchObject({
      activities: [],
      detailed: [],
    });
    expect(sandbox.calls()).toHaveLength(1);
  });

  it('nothing of what people wrote is ever asked for', async () => {
    const { sandbox, company, look } = await portal();
    await log(sandbox, 'calls', company, { ...time(NOON), hs_call_body: 'secret', hs_call_title: 'secret' });
    await log(sandbox, 'emails', company, {
      ...time(NOON),
      hs_email_text: 'secret',
      hs_email_subject: 'secret',
    });
    await log(sandbox, 'meetings', company, {
      ...time(NOON),
      hs_meeting_body: 'secret',
      hs_meeting_title: 'secret',
    });
    const seen = await look();
    expect(seen.activities).toHaveLength(3);
    expect(JSON.stringify(seen)).not.toContain('secret');
    expect(Object.values(ACTIVITY_PROPERTIES).join()).not.toMatch(
      /_body|_text|_html|_subject|_title|_to_|_from_/,
    );
  });

  it.each([
    ['WORKFLOWS', true],
    ['IMPORT', true],
    ['SEQUENCES', true],
    ['CRM_UI', false],
    ['INTEGRATION', false],
  ])('made by %s is automatic: %s', async (hs_object_source, automatic) => {
    const { sandbox, company, look } = await portal();
    const [mail = ''] = sandbox.seed([{ object: 'emails', properties: { ...time(NOON), hs_object_source } }]);
    sandbox.associate('emails', mail, 'companies', company);
    expect((await look()).activities).toMatchObject([{ automatic }]);
  });

  it('a meeting that came by the meetings tool was booked by the buyer', async () => {
    const { sandbox, company, look } = await portal();
    const properties = { ...time(NOON + DAY), hs_object_source: 'MEETINGS' };
    const [id = ''] = sandbox.seed([{ object: 'meetings', properties }]);
    sandbox.associate('meetings', id, 'companies', company);
    expect((await look()).activities).toMatchObject([{ side: 'theirs', loggedAt: NOON }]);
  });

  it('our own tasks by id: open, completed, deleted', async () => {
    const { sandbox, look } = await portal();
    const tasks = sandbox.seed([
      {
        object: 'tasks',
        properties: { hs_task_status: 'NOT_STARTED', hs_task_completion_date: isoInstant(NOON) },
      },
      {
        object: 'tasks',
        properties: { hs_task_status: 'COMPLETED', hs_task_completion_date: String(NOON - HOUR) },
      },
    ]);
    const { activities, calls } = await look({ tasks: [...tasks, '4711'] });
    expect(activities.map(({ id, state, ours, deleted }) => [id, state, ours, deleted])).toEqual([
      [`tasks/${tasks[0]}`, 'void', true, false],
      [`tasks/${tasks[1]}`, 'done', true, false],
      ['tasks/4711', 'void', undefined, true],
    ]);
    expect(activities[1]?.at).toBe(NOON - HOUR);
    expect(calls).toBe(2);
  });

  it('what was kept and is not there any more was deleted', async () => {
    const { sandbox, company, look } = await portal();
    const id = await log(sandbox, 'calls', company, time(NOON - HOUR));
    const { seen } = await look();
    sandbox.archive('calls', id);
    const gone = await look({ seen: seen.get(company) ?? null, known: [`calls/${id}`] });
    expect(gone.activities).toMatchObject([{ id: `calls/${id}`, deleted: true }]);
  });

  it('of a company with thousands of mails the newest fifty are read', async () => {
    const { sandbox, company, look } = await portal();
    const mails = sandbox.seed(
      Array.from({ length: 1200 }, () => ({ object: 'emails' as const, properties: time(NOON) })),
    );
    for (const mail of mails) {
      sandbox.associate('emails', mail, 'companies', company);
    }
    sandbox.forgetLog();
    const { activities } = await look();
    expect(new Set(activities.map(({ id }) => id))).toEqual(
      new Set(mails.slice(-50).map((id) => `emails/${id}`)),
    );
    expect(callsTo(sandbox, at('/crm/v4/associations/companies/emails/batch/read'))).toBe(3);
  });

  it('without sales-email-read mails are closed, said once and asked for once a day; the rest is read', async () => {
    const { sandbox, company, look, clock, crm } = await portal({ settings: { emailScope: false } });
    await log(sandbox, 'calls', company, time(NOON));
    const [mail = ''] = sandbox.seed([{ object: 'emails', properties: time(NOON) }]);
    sandbox.associate('emails', mail, 'companies', company);
    const first = await look();
    expect(first).toMatchObject({ off: [{ kind: 'email', code: 'missing_scopes' }], failure: null });
    expect(shown(first)).toEqual(['call ours done 0h']);
    sandbox.forgetLog();
    expect(await look()).toMatchObject({ off: [] });
    expect(callsTo(sandbox, at('/crm/v3/objects/emails/batch/read'))).toBe(0);
    expect(crm.reads.activities.off()).toHaveLength(1);
    clock.advance(DAY);
    sandbox.settings.emailScope = true;
    expect((await look({ since: NOON - DAY })).activities).toHaveLength(2);
    expect(crm.reads.activities.off()).toEqual([]);
  });

  it.each([
    ['the limit of ten seconds', badAnswers.tenSecondlyLimit(), false],
    ['the daily limit stops the connection', badAnswers.dailyLimit(), true],
    ['a server error', { reply: { status: 500, body: '' } }, false],
  ])('%s: nothing is taken for deleted, and the same is asked for again', async (_, fault, pause) => {
    const { sandbox, company, look } = await portal();
    const id = await log(sandbox, 'calls', company, time(NOON));
    sandbox.faults.add({ path: at('/crm/v3/objects/calls/batch/read'), times: 'always', ...fault });
    const seen = await look({ known: [`calls/${id}`] });
    expect(seen).toMatchObject({ activities: [], failure: { state: 'failed', pause } });
  });

  it('a portal that keeps no such figures has every company read in detail', async () => {
    const { sandbox, company, look } = await portal();
    for (const name of [
      'notes_last_contacted',
      'num_contacted_notes',
      'hs_sales_email_last_replied',
      'hs_latest_meeting_activity',
      'engagements_last_meeting_booked',
    ]) {
      sandbox.dropProperty('companies', name);
    }
    await log(sandbox, 'calls', company, time(NOON));
    expect(await look({ seen: '' })).toMatchObject({ detailed: [company], activities: [{ kind: 'call' }] });
  });
});
