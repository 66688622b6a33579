import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { DEMO_DAYS, DEMO_SEED, DEMO_START } from '../../src/cli/demo/play.ts';
import type { DemoReport } from '../../src/cli/demo/report.ts';
import { demoTraffic } from '../../src/sandbox/traffic/playbook.ts';
import { moves, standingsAt } from '../support/oracle/oracle.ts';

const END = DEMO_START + DEMO_DAYS * 86_400_000;
const sent = demoTraffic({ start: DEMO_START, days: DEMO_DAYS, seed: DEMO_SEED }).flatMap(
  ({ deliveries }) => deliveries,
);

const moved = moves(sent, END);

/** the touch of day 3, for who crossed so long before the end and did not fall out by then. That of day 10 nobody lives to see. */
function laterTouches(key: string): number {
  const entry = moved.find(({ account, move }) => account === key && move === 'in')?.at ?? END;
  const until =
    moved.find(({ account, move, at }) => account === key && move === 'out' && at > entry)?.at ?? END;
  return entry + 3 * 86_400_000 < until ? 1 : 0;
}

/** The command as a user runs it; what it prints is held against an oracle that shares no code with the service. */
async function demo(): Promise<{ stdout: string; report: DemoReport }> {
  const { stdout } = await promisify(execFile)(process.execPath, ['src/cli/pql.ts', 'demo', '--json'], {
    maxBuffer: 10_000_000,
  });
  return { stdout, report: JSON.parse(stdout.trim().split('\n').at(-1) ?? '') };
}

describe('npm run demo (S0-19, S2-42, S4-77)', () => {
  let stdout: string;
  let report: DemoReport;
  beforeAll(async () => {
    ({ stdout, report } = await demo());
  }, 120_000);

  const leftAlone = () => report.qualified.filter((one) => one.leftAlone !== null);
  const handedOver = () => report.qualified.filter((one) => one.leftAlone === null);

  it('prints one JSON object and nothing else on standard output, and ends idle', () => {
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(report.idle).toBe(true);
  });

  it('shows at least 60 accounts, each with the score and tier of the oracle', () => {
    const expected = [...standingsAt(sent, END)].map(([key, { score, tier }]) => `${key} ${score} ${tier}`);
    expect(report.accounts.map(({ key, score, tier }) => `${key} ${score} ${tier}`).sort()).toEqual(
      expected.sort(),
    );
    expect(expected.length).toBeGreaterThanOrEqual(60);
  });

  it('about ten qualify: those that the oracle holds in MQL at the end', () => {
    const mql = [...standingsAt(sent, END)].filter(([, { tier }]) => tier === 'mql').map(([key]) => key);
    expect(report.qualified.map(({ key }) => key).sort()).toEqual(mql.sort());
    expect(mql.length).toBeGreaterThanOrEqual(8);
    expect(mql.length).toBeLessThanOrEqual(12);
  });

  it('one or more fell out by silence, each on the day the oracle says', () => {
    const entered = new Set(report.qualified.map(({ key }) => key));
    const left = moved.filter(({ account, move }) => move === 'out' && !entered.has(account));
    const day = (at: number) => new Date(at).toISOString().slice(0, 10);
    expect(report.fellOut.map(({ key, on }) => `${key} ${on.slice(0, 10)}`).sort()).toEqual(
      left.map(({ account, at }) => `${account} ${day(at)}`).sort(),
    );
    expect(left.length).toBeGreaterThanOrEqual(1);
  });

  it('I6: every qualified account has its score, its tier and one task for each touch in both CRMs, and a member in each', () => {
    for (const { key, score, hubspot, salesforce } of handedOver()) {
      for (const held of [hubspot, salesforce]) {
        expect(held).toMatchObject({ score: String(score), tier: 'mql' });
        const later = held?.tasks.filter((subject) => subject.includes('no reply yet')) ?? [];
        expect([key, (held?.tasks.length ?? 0) - later.length, later.length]).toEqual([
          key,
          1,
          laterTouches(key),
        ]);
        expect(held?.members.length).toBeGreaterThanOrEqual(1);
      }
    }
  });

  it('I6: no CRM holds a task or a membership of an account that never crossed', () => {
    const alone = new Set(leftAlone().map(({ key }) => key));
    const crossed = new Set(moved.map(({ account }) => account).filter((key) => !alone.has(key)));
    const touches = [...crossed].reduce((sum, key) => sum + 1 + laterTouches(key), 0);
    const refused = report.parked.filter(({ crm, kind }) => crm === 'salesforce' && kind === 'task').length;
    expect(report.crm.hubspot.tasks).toBe(touches);
    expect(report.crm.salesforce.tasks).toBe(touches - refused);
  });

  it('S4-86, S4-93: who qualifies and is not handed over shows why: on the list, or a customer without a sign of growth', () => {
    expect(leftAlone().map(({ key, task }) => [key, task])).toEqual([
      [expect.stringMatching('acct-101[78]'), []],
      [expect.stringMatching('acct-101[78]'), []],
    ]);
    const why = new Map(leftAlone().map((one) => [one.key, one.leftAlone]));
    expect(why.get('acct-1017')).toContain(
      'asked to be left alone until summer (by mia.lead@sandbox.example',
    );
    expect(why.get('acct-1018')).toContain('a customer without a sign of growth');
  });

  it('S4-81, S4-98: everybody else has a route, one of the reps, a deadline and a text; all but one were claimed in Slack in time', () => {
    const reps = new Set(handedOver().map(({ owner }) => owner));
    expect([...reps].sort()).toEqual(['ada.rep@sandbox.example', 'ben.rep@sandbox.example']);
    for (const { route, due, task } of handedOver()) {
      expect([route, due]).toEqual(['SDR', expect.stringMatching(/^2026-03-\d\dT/)]);
      expect(task.length).toBeGreaterThan(3);
    }
    const late = handedOver().filter(({ contact }) => !/^claim on .*: met$/.test(contact ?? ''));
    expect(late.map(({ name, contact }) => [name, contact?.split(',')[0]])).toEqual([
      ['Vandermeer Capital', 'breached'],
    ]);
  });

  it('S4-82, S4-87, S4-162: Slack and the mails of the day are there to look at', () => {
    for (const { name } of handedOver()) {
      expect(report.slack.text).toContain(`${name}: mql`);
    }
    expect(report.slack.text).toContain('*Claimed* by <@U0');
    expect(report.slack.text).toContain('no contact was seen in the CRM by the deadline');
    expect(report.mail.sent).toBeGreaterThan(10);
    expect(report.mail.last).toMatch(/^Subject: PQL digest 2026-03-\d\d/);
  });

  it('says what a rep can open with: the task names the behaviour, with a number or a date', () => {
    for (const { hubspot, salesforce, name } of handedOver()) {
      for (const subject of [...(hubspot?.tasks ?? []), ...(salesforce?.tasks ?? [])]) {
        expect(subject).toContain(name ?? '');
        expect(subject).toMatch(/\d/);
      }
    }
  });

  it('shows one outside the fit, one personal address, one bad event and one refused record with the CRM’s words', () => {
    const held = new Map(report.heldBack.map(({ key, why }) => [key, why]));
    expect(
      [...held].filter(([key, why]) => !key.startsWith('person:') && /firmographic has 0/.test(why)),
    ).toHaveLength(1);
    expect([...held.keys()].filter((key) => key.startsWith('person:'))).toHaveLength(1);
    expect(report.quarantined).toMatchObject([{ code: 'no_ids' }]);
    const refused = report.parked.filter(({ kind }) => kind === 'fields');
    expect(refused).toMatchObject([{ crm: 'salesforce', code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION' }]);
    expect(refused[0]?.reason).toContain('not allowed in production');
  });
});
