import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY } from '../../src/shared/time.ts';
import { askToForget } from '../../src/store/forget/index.ts';
import { scanFor } from '../../src/store/forget/scan.ts';
import { runPql } from '../support/pql.ts';
import { tracesOf } from '../support/traces.ts';
import { personOf, qualifying, startWorld, type World } from '../support/world.ts';

const BO = {
  user: 'usr-bo-4711',
  old: 'usr-bo-before',
  device: 'dev-bo-81f2',
  email: 'bo.berg@acme.example',
  mail: 'bo.berg@private.example',
  name: 'Bo Bergström',
};
const NEEDLES = Object.values(BO);
const BY = { author: 'ann', reason: `asked by ${BO.email}` };

let world: World;
let log: string[];
beforeEach(async () => {
  log = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => log.push(line) });
  world = await startWorld({ logger });
});
afterEach(() => world.stop());

const traces = () => tracesOf(world.database.db, NEEDLES);

/** Everything that can name a person: two accounts, an alias, a device, an inviter, an act, an element in quarantine. */
async function boEverywhere(): Promise<void> {
  const { clock } = world;
  const bo = personOf('acme', BO.user, clock);
  const ann = personOf('acme', 'usr-ann-1', clock);
  await world.send(
    ...qualifying('acme', clock),
    { ...bo.track('Page Opened'), userId: undefined, anonymousId: BO.device },
    { ...bo.identify({ email: BO.email, name: BO.name, title: 'Head of Ops' }), anonymousId: BO.device },
    bo.group({ name: 'Acme', csm: BO.email }),
    { ...bo.track('Alias'), type: 'alias', previousId: BO.old, userId: BO.user },
    personOf('acme', BO.old, clock).track('Key Feature Used'),
    personOf('globex', BO.user, clock).group({ name: 'Globex' }),
    personOf('globex', BO.user, clock).track('Invite Sent', { invitee_email: 'x@globex.example' }),
    ann.identify({ email: 'ann@acme.example', name: 'Ann' }),
    ann.track('Invite Sent', { invitee_email: BO.email, note: `for ${BO.name} (${BO.user})` }),
    ann.track('Page Viewed', { url: `https://app.example/u?mail=${encodeURIComponent(BO.email)}` }),
    { ...bo.track('Too Old'), timestamp: '1999-01-01T00:00:00Z' },
    { ...ann.track('Too Old', { about: BO.email }), timestamp: '1999-01-01T00:00:00Z' },
  );
  await world.settle();
  clock.advance(DAY);
  await world.send({ ...bo.track('Workflow Configured', { workflow_id: 'w-9' }) });
  await world.settle();
}

describe('I12: a person who is forgotten', () => {
  it('leaves no row, and no id, address or name in the rows of others; later events are counted and not kept', async () => {
    await boEverywhere();
    expect((await traces()).length).toBeGreaterThan(20);
    await askToForget(world.database.db, BO.user, [BO.mail], BY, world.clock.now());
    await world.settle();
    expect(await traces()).toEqual([]);
    expect(await scanFor(world.database.db, NEEDLES)).toEqual([]);
    expect(log.length).toBeGreaterThan(0);
    expect(log.filter((line) => NEEDLES.some((needle) => line.includes(needle)))).toEqual([]);

    const bo = personOf('acme', BO.user, world.clock);
    const before = (await world.api<Status>('/status')).journal.refused;
    const late = bo.track('Key Feature Used');
    await world.send({
      ...bo.track('Page Opened'),
      userId: undefined,
      anonymousId: 'dev-new-2',
    });
    await world.settle();
    await world.send(
      late,
      { ...bo.track('Signed In'), anonymousId: 'dev-new-2' },
      { ...bo.track('Page Opened'), userId: undefined, anonymousId: BO.device },
      { ...bo.identify({ email: BO.mail }), userId: undefined, anonymousId: 'dev-new-1' },
      { ...bo.track('Too Old'), timestamp: '1999-01-01T00:00:00Z' },
      personOf('acme', 'usr-ann-1', world.clock).track('Invite Sent', {
        invitee_email: BO.email,
        by: `to ${BO.user}.`,
      }),
    );
    await world.send(late);
    await world.settle();
    expect(await tracesOf(world.database.db, [...NEEDLES, 'dev-new-2'])).toEqual([]);
    expect((await world.api<Status>('/status')).journal.refused - before).toBe(4);
  });

  it('goes out of the scores: they are the fold of what remains, and replaying the journal gives the same', async () => {
    await boEverywhere();
    await askToForget(world.database.db, BO.user, [], BY, world.clock.now());
    await world.settle();
    const { db } = world.database;
    const states = async () =>
      (await db.query('SELECT account, person, part::text FROM parts ORDER BY 1, 2, home, via')).rows;
    const before = await states();
    const people = before.map((row) => (row as { person: string }).person);
    expect(people.length).toBeGreaterThan(1);
    await db.query(`UPDATE people SET plan = ''`);
    await world.settle();
    expect(await states()).toEqual(before);
  });

  it('stays in the CRMs, whose records are listed; nothing of theirs is written there again', async () => {
    await boEverywhere();
    const contacts = () =>
      world.hubspot.records('contacts').filter(({ properties }) => properties.email === BO.email);
    expect(contacts()).toHaveLength(1);
    const id = await askToForget(world.database.db, BO.email, [], BY, world.clock.now());
    await world.settle();
    const { done } = await world.api<{ done: { crm: { object: string; id: string }[] } }>(`/forget/${id}`);
    expect(done.crm.map((one) => one.id)).toContain(contacts()[0]?.id);
    const pseudonymous = [...world.hubspot.records('contacts'), ...world.salesforce.records('Contact')];
    expect(JSON.stringify(pseudonymous)).not.toContain('forgotten-');
  });

  it('is asked for by a Segment delete, and by one that came twice only once', async () => {
    await boEverywhere();
    const deleted = { type: 'delete', userId: BO.user, timestamp: new Date(world.clock.now()).toISOString() };
    await world.send(deleted);
    await world.send(deleted);
    await world.settle();
    expect(
      await tracesOf(
        world.database.db,
        NEEDLES.filter((one) => one !== BO.mail),
      ),
    ).toEqual([]);
    const { audit } = await world.api<{ audit: { author: string; detail: object }[] }>(
      '/audit?what=forgotten',
    );
    expect(audit).toMatchObject([{ author: 'segment', detail: { ids: 4, left: 0 } }]);
  });

  it('is forgotten at once after a Segment delete, which waits for no sweep', async () => {
    const bo = personOf('acme', BO.user, world.clock);
    await world.send(bo.track('Page Opened'));
    await world.settle();
    const from = performance.now();
    await world.send({
      type: 'delete',
      userId: BO.user,
      timestamp: new Date(world.clock.now()).toISOString(),
    });
    while ((await traces()).length > 0 && performance.now() - from < 20_000) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(performance.now() - from).toBeLessThan(4000);
  });

  it('is named by nothing in the audit: who asked and why stand there, the person as a keyed hash', async () => {
    await boEverywhere();
    await askToForget(world.database.db, BO.user, [], BY, world.clock.now());
    await world.settle();
    const { audit } = await world.api<{ audit: { reason: string; detail: { person: string } }[] }>(
      '/audit?decided=true',
    );
    expect(audit[0]).toMatchObject({ what: 'person forgotten', author: 'ann' });
    expect(audit[0]?.detail.person).toMatch(/^forgotten-[0-9a-f]{24}$/);
    expect(audit[0]?.reason).toMatch(/^asked by forgotten-[0-9a-f]{24}$/);
  });
});

interface Status {
  journal: { refused: number };
}

describe('pql forget', () => {
  it('shows what would go and changes nothing, does it beside the service, and proves it', async () => {
    await boEverywhere();
    const env = { DATABASE_URL: world.database.url };
    const before = await traces();
    const dry = await runPql(['forget', BO.email, '--dry-run', '--json'], env);
    expect(JSON.parse(dry.out)).toMatchObject({
      users: [BO.old, BO.user].sort(),
      anonymous: [BO.device, BO.old],
      events: 8,
    });
    expect(await traces()).toEqual(before);
    const done = await runPql(['forget', BO.user, '--reason', 'asked', '--json'], env);
    expect(done).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(done.out)).toMatchObject({ step: 'done', done: { events: 8, left: 0 } });
    const scan = await runPql(['forget', BO.user, '--scan', '--also', NEEDLES.join(',')], env);
    expect(scan).toMatchObject({ code: 0, out: '0 rows: no table names them\n' });
    const lines = await runPql(['audit', '--decided', '--json'], env);
    expect(JSON.parse(lines.out).audit[0]).toMatchObject({ what: 'person forgotten', reason: 'asked' });
  });
});
