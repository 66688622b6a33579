import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccountView } from '../../src/api/account-view.ts';
import type { Mapping } from '../../src/decide/mapping.ts';
import type { SlaReport } from '../../src/read-model/sla.ts';
import { HOUR, isoInstant, MINUTE } from '../../src/shared/time.ts';
import { hashId } from '../../src/store/db.ts';
import { NOON } from '../support/event.ts';
import { shippedMappings } from '../support/policy.ts';
import { runPql } from '../support/pql.ts';
import { asRep } from '../support/rep.ts';
import { qualifying, startWorld, type World } from '../support/world.ts';

const REPS = ['ada.rep@sandbox.example', 'ben.rep@sandbox.example'];

/** Tasks are shared by two people, and passed on an hour after a day has gone by. */
function passingOn() {
  const shipped = shippedMappings();
  const shared = <M extends Mapping>(mapping: M): M => ({
    ...mapping,
    task: { ...mapping.task, owner: [{ pool: REPS }] },
  });
  const sla = shipped.handoff.sla.map((rule) => ({ ...rule, escalate: { after: 1, to: 'next_owner' } }));
  return {
    ...shipped,
    hubspot: shared(shipped.hubspot),
    salesforce: shared(shipped.salesforce),
    handoff: { ...shipped.handoff, sla, reportByOwner: true },
  };
}

let world: World;
beforeEach(async () => {
  world = await startWorld({ mappings: passingOn() });
  await world.send(...qualifying('acme', world.clock));
  await world.settle();
});
afterEach(() => world.stop());

const hubspot = () => world.hubspot.records('tasks')[0]?.properties ?? {};
const salesforce = (): Record<string, unknown> => world.salesforce.records('Task')[0] ?? {};
const lines = (text: unknown) => String(text).match(/\d{4}-\d\d-\d\d: [^[]*/g) ?? [];

async function at(hours: number): Promise<void> {
  world.clock.set(NOON + hours * HOUR);
  await world.settle();
}

const touched = (time: number) =>
  world.database.db.query(
    `INSERT INTO touches (connection, id, account, kind, side, at, seen_at) VALUES ('hubspot:1', '1', $1, 'call', 'ours', $2, $2)`,
    [hashId('acme'), isoInstant(time)],
  );

describe('X-28, S4-166: a promise that nobody keeps', () => {
  it('is told in the open tasks of both CRMs and passed on to the next owner, each once (I6)', async () => {
    const before = [hubspot().hubspot_owner_id, salesforce().OwnerId];
    await at(18);
    await at(24);
    await at(25);
    await at(26);
    const told = [
      expect.stringContaining('first contact is due at 2026-03-03 12:00 UTC.'),
      expect.stringContaining('no contact was seen in the CRM by the deadline, 2026-03-03 12:00 UTC.'),
      expect.stringMatching(
        /still no contact was seen .* It goes to (ada|ben)\.rep@sandbox\.example \(of a pool of 2/,
      ),
    ];
    expect(lines(hubspot().hs_task_body)).toEqual(told);
    expect(lines(salesforce().Description)).toEqual(told);
    const after = [hubspot().hubspot_owner_id, salesforce().OwnerId];
    expect(after.every((owner, i) => owner && owner !== before[i])).toBe(true);
    expect(hubspot().hs_task_status).toBe('NOT_STARTED');
  });

  it('stays with whom somebody gave it to by hand, and with nobody who got in touch', async () => {
    await asRep(world.hubspot, world.hubspot.records('tasks')[0]?.id, { hubspot_owner_id: '' });
    await at(25);
    expect(hubspot().hubspot_owner_id).toBe('');
    expect(lines(hubspot().hs_task_body).at(-1)).not.toContain('It goes to');
    await world.send(...qualifying('beta', world.clock));
    await world.settle();
    const owner = world.salesforce.records('Task')[1]?.OwnerId;
    await world.database.db.query(
      `INSERT INTO touches (connection, id, account, kind, side, at, seen_at) VALUES ('hubspot:1', '2', $1, 'email', 'ours', $2, $2)`,
      [hashId('beta'), isoInstant(NOON + 26 * HOUR)],
    );
    await at(60);
    expect(world.salesforce.records('Task')[1]).toMatchObject({ OwnerId: owner });
  });

  it('I6: once, also when the answers are lost after the write', async () => {
    const before = [hubspot().hubspot_owner_id, salesforce().OwnerId];
    await at(24);
    world.hubspot.faults.add({ path: '*/tasks/batch/update', reset: 'after' });
    world.salesforce.faults.add({ method: 'PATCH', path: '*/composite/sobjects', reset: 'after' });
    await at(25);
    expect(lines(hubspot().hs_task_body)).toHaveLength(2);
    expect(lines(salesforce().Description)).toHaveLength(2);
    expect(hubspot().hubspot_owner_id).not.toBe(before[0]);
    const { clocks } = await world.api<AccountView>('/accounts/acme');
    const user = world.salesforce.records('User').find(({ Id }) => Id === salesforce().OwnerId);
    const owners = [hubspot().hubspot_owner_id === '101' ? REPS[0] : REPS[1], user?.Email];
    expect(owners).toContain(clocks[0]?.owner);
    expect(clocks[0]?.escalated).toBe('2026-03-03T13:00:00.000Z');
  });

  it('one whose next owner the CRM does not take stays where it is, and says so', async () => {
    const { OwnerId } = salesforce();
    for (const { Id, Email } of world.salesforce.records('User')) {
      if (Email !== undefined && Id !== OwnerId) {
        world.salesforce.touch('User', String(Id), { IsActive: false });
      }
    }
    await at(25);
    expect(salesforce().OwnerId).toBe(OwnerId);
    expect(lines(salesforce().Description).at(-1)).toMatch(
      /It stays where it is: nobody can take|It stays where it is: .*inactive/,
    );
  });
});

describe('who asks', () => {
  it('is told by the API what is open, due soon and broken, how long is left, and how long things took', async () => {
    const open = await world.api<SlaReport>('/sla');
    expect(open.clocks).toMatchObject([
      {
        account: 'acme',
        state: 'open',
        words: 'due in 1 d',
        rule: 'any',
        route: 'SDR',
        owner: expect.stringMatching(/rep@/),
      },
    ]);
    expect(open.figures).toMatchObject({ open: 1, systemDelay: { count: 1, median: 0 } });
    await at(24);
    expect((await world.api<SlaReport>('/sla?state=breached')).clocks).toMatchObject([{ words: '0 s late' }]);
    await touched(NOON + 90 * MINUTE);
    await at(24.5);
    const met = await world.api<SlaReport>('/sla?state=met&tier=mql&since=2d');
    expect(met.clocks).toMatchObject([
      {
        words: 'call in time, 22 h 30 min left, logged after the breach was told',
        touched: '2026-03-02T13:30:00.000Z',
      },
    ]);
    expect(met.figures).toMatchObject({
      met: 1,
      metShare: 1,
      firstTouch: { median: 5400, buckets: { within4Hours: 1 } },
    });
    expect(Object.keys(met.byOwner ?? {})).toEqual([met.clocks[0]?.owner]);
    expect((await world.api<AccountView>('/accounts/acme')).clocks).toMatchObject([
      { state: 'met', touch: 'call' },
    ]);
  });

  it('and refused what it does not know', async () => {
    const answer = await fetch(`${world.service.url}/api/v1/sla?state=late&since=soon`);
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as { error: { problems: { path: string }[] } };
    expect(error.problems.map(({ path }) => path)).toEqual(['state', 'since']);
  });

  it('sees them in the metrics', async () => {
    await at(24);
    const text = await (await fetch(`${world.service.url}/metrics`)).text();
    expect(text).toContain('pql_sla{state="breached"} 1');
  });

  it('by pql sla, as text and as JSON', async () => {
    const pql = (...args: string[]) => runPql(['sla', ...args], { DATABASE_URL: world.database.url });
    const { code, out } = await pql('--since', '2026-03-01');
    expect(code).toBe(0);
    expect(out).toMatch(
      /acme +mql +(ada|ben)\.rep@sandbox\.example +2026-03-03 12:00 +breached +\d+ d .*late/,
    );
    expect(out).toMatch(/^all +0 +0 +1 +0 +0 +0 %$/m);
    expect(out).not.toMatch(/^owner /m);
    const { clocks, byOwner } = JSON.parse((await pql('--json')).out) as SlaReport;
    expect([clocks.length, byOwner]).toEqual([1, null]);
    expect(await pql('--state', 'late')).toMatchObject({
      code: 2,
      err: expect.stringContaining('allowed: open'),
    });
  });
});
