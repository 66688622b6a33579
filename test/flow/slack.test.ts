import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isIdle } from '../../src/read-model/status.ts';
import { type SlackSandbox, startSlackSandbox } from '../../src/sandbox/slack/index.ts';
import { HOUR, MINUTE } from '../../src/shared/time.ts';
import { diagnose } from '../../src/wiring/doctor.ts';
import { red } from '../support/examination.ts';
import { personOf, qualifying, startWorld, type World } from '../support/world.ts';

/** The whole service with the stand-in of Slack. */

let world: World;
let slack: SlackSandbox;
let env: Record<string, string>;

beforeAll(async () => {
  slack = await startSlackSandbox({ clock: { now: () => world.clock.now() }, settings: { limits: 'off' } });
  env = {
    SLACK_BOT_TOKEN: slack.token,
    SLACK_BASE_URL: slack.apiUrl,
    SLACK_SIGNING_SECRET: slack.settings.signingSecret,
  };
  world = await startWorld({ env });
});
afterAll(async () => {
  await world.stop();
  await slack.close();
});

const messages = () => slack.messages();
const press = (action: string) =>
  slack.press({
    url: `${world.service.url}/slack/interactions`,
    channel: messages()[0]?.channel ?? '',
    ts: messages()[0]?.ts ?? '',
    action,
    user: 'U0JO000001',
  });

describe('S2-37, S3-23, S4-82, S4-98, S4-144: from a signed request to Slack, and back', () => {
  it('a crossing is one message with who, company, reasons and deadline; the account shows the act', async () => {
    await world.send(...qualifying('acme', world.clock));
    await world.settle();
    expect(messages()).toHaveLength(1);
    const text = slack.text();
    for (const said of [
      'acme',
      'mql, 85 points',
      'ada@acme.example',
      '240 employees',
      '4 teammates invited',
      '2026-03-03 12:00 UTC',
    ]) {
      expect(text).toContain(said);
    }
    const { actions } = await world.api<{
      actions: { kind: string; crm: string; state: string; crmId: string }[];
    }>('/accounts/acme');
    expect(actions.filter(({ crm }) => crm === 'slack')).toMatchObject([
      { kind: 'alert', state: 'done', crmId: messages()[0]?.ts },
    ]);
  });

  it('I6: the same events again, and another score, tell nobody anything', async () => {
    world.clock.advance(HOUR);
    const { track } = personOf('acme', 'ada-acme', world.clock);
    await world.send(track('Limit Breach Attempted', { limit: 'seats' }));
    await world.settle();
    expect(messages()).toHaveLength(1);
  });

  it('a press is answered within three seconds and shows in the thread', async () => {
    const { status, ms } = await press('pql_claim');
    expect(status).toBe(200);
    expect(ms).toBeLessThan(3000);
    await world.until(() => messages().length === 2);
    await world.until(() => JSON.stringify(messages()[0]?.blocks).includes('*Claimed*'));
    expect(messages()[1]).toMatchObject({ threadTs: messages()[0]?.ts, text: 'Claimed by <@U0JO000001>' });
    const audit = await world.api<unknown>('/audit');
    expect(JSON.stringify(audit)).toContain('slack button');
  });

  it('a purchase is told in the thread, and the buttons go', async () => {
    const { track } = personOf('acme', 'ada-acme', world.clock);
    world.clock.advance(MINUTE);
    await world.send(track('Subscription Started'));
    await world.settle();
    await world.until(() => !JSON.stringify(messages()[0]?.blocks).includes('"pql_not_a_fit"'));
    expect(messages()[2]).toMatchObject({
      threadTs: messages()[0]?.ts,
      text: expect.stringContaining('customer'),
    });
    expect(slack.text()).toContain('*Became a customer*');
  });

  it('I12: of a person who is forgotten the first message no longer tells', async () => {
    expect(slack.text()).toContain('ada@acme.example');
    const asked = await fetch(`${world.service.url}/api/v1/forget`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ person: 'ada-acme', reason: 'asked for it' }),
    });
    expect(asked.status).toBe(202);
    await world.until(() => !slack.text().includes('ada@acme.example'));
    expect(slack.text()).toContain('Who: nobody known');
  });

  it('the doctor finds token, scopes and channel; a revoked token is red, pauses Slack alone, and the status says so', async () => {
    const of = async () =>
      (await diagnose({ ...env, PQL_DATA_DIR: '/nonexistent' })).filter(({ part }) => part === 'slack');
    expect((await of()).map(({ check, ok }) => `${check} ${ok}`)).toEqual([
      'credentials true',
      'scopes true',
      'buttons false',
      'channel C0PQLALERTS true',
    ]);
    const [token] = Object.keys(slack.settings.tokens);
    slack.settings.tokens[token ?? ''] = { state: 'token_revoked', scopes: [] };
    expect(red(await of())).toMatchObject([
      { check: 'credentials', detail: 'SLACK_BOT_TOKEN is not accepted: token_revoked' },
    ]);
    await world.send(...qualifying('hooli', world.clock));
    await world.until(async () => (await world.service.status()).crm.slack?.paused != null);
    const { crm } = await world.service.status();
    expect(crm.slack).toMatchObject({ waiting: 1, pausedBy: 'token_revoked' });
    expect(crm.slack?.paused).toContain('SLACK_BOT_TOKEN is not accepted');
    await world.until(async () => {
      const { crm: now } = await world.service.status();
      return now.hubspot?.waiting === 0 && now.salesforce?.waiting === 0;
    });
  });

  it('what gathers for one message is no work that keeps the service from being idle', async () => {
    const status = await world.service.read.status();
    const gathering = { ...status.crm.slack, waiting: 3, held: 3 } as never;
    expect(isIdle({ ...status, crm: { slack: gathering } })).toBe(isIdle({ ...status, crm: {} }));
  });
});

describe('without Slack', () => {
  it('no act of it is made', async () => {
    const other = await startWorld();
    try {
      await other.send(...qualifying('acme', other.clock));
      await other.settle();
      const found = await other.database.db.query(`SELECT 1 FROM actions WHERE crm = 'slack'`);
      expect(found.rowCount).toBe(0);
      const answer = await fetch(`${other.service.url}/slack/interactions`, { method: 'POST', body: 'x' });
      expect(answer.status).toBe(503);
    } finally {
      await other.stop();
    }
  });
});
