import { createInstance, Identify, Types } from '@amplitude/analytics-node';
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { Analytics } from '@segment/analytics-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/shared/clock.ts';
import { traitsOf } from '../support/arrival.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';

/** The vendors' own SDKs, unchanged, pointed at our receivers. */
let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver({ clock: systemClock });
});
afterEach(() => receiver.close());

const seen = () =>
  receiver.journal.events.map(({ kind, name, userId, accountId }) => ({ kind, name, userId, accountId }));
const YESTERDAY = new Date(Date.now() - 86_400_000);

describe('@segment/analytics-node', () => {
  function client(writeKey = 'wk-1') {
    const analytics = new Analytics({
      writeKey,
      host: receiver.url,
      maxRetries: 3,
      httpRequestTimeout: 5000,
    });
    const errors: unknown[] = [];
    analytics.on('error', (error) => errors.push(error));
    return { analytics, errors };
  }

  it('every call arrives, with its time and its account', async () => {
    const { analytics, errors } = client();
    const context = { groupId: 'acct-7' };
    analytics.identify({
      userId: 'u-1',
      traits: { email: 'Ada@Initech.example', firstName: 'Ada', phone: null },
    });
    analytics.group({ userId: 'u-1', groupId: 'acct-7', traits: { name: 'Initech', employees: 240 } });
    analytics.track({
      userId: 'u-1',
      event: 'Invite Sent',
      properties: { invitee_email: 'b@initech.example' },
      context,
      timestamp: YESTERDAY,
    });
    analytics.page({ userId: 'u-1', name: 'Pricing', category: 'Docs' });
    analytics.screen({ userId: 'u-1', name: 'Start' });
    analytics.alias({ userId: 'u-1', previousId: 'a-1' });
    await analytics.closeAndFlush();
    expect(errors).toEqual([]);
    expect(seen()).toEqual([
      { kind: 'identify', name: null, userId: 'u-1', accountId: null },
      { kind: 'group', name: null, userId: 'u-1', accountId: 'acct-7' },
      { kind: 'track', name: 'Invite Sent', userId: 'u-1', accountId: 'acct-7' },
      { kind: 'page', name: 'Pricing', userId: 'u-1', accountId: null },
      { kind: 'screen', name: 'Start', userId: 'u-1', accountId: null },
      { kind: 'alias', name: null, userId: 'u-1', accountId: null },
    ]);
    expect(receiver.journal.events[2]?.at).toBe(YESTERDAY.getTime());
    expect(receiver.journal.events[0]).toMatchObject({ email: 'ada@initech.example', declared: true });
    expect(JSON.stringify(receiver.journal)).not.toContain('wk-1');
  });

  it('I1: it keeps its events while the journal fails, and they arrive once', async () => {
    let failures = 1;
    receiver.journal.fault = () => {
      failures -= 1;
      return failures >= 0 ? Promise.reject(new Error('down')) : undefined;
    };
    const { analytics, errors } = client();
    analytics.track({ userId: 'u-1', event: 'Signed In' });
    await analytics.closeAndFlush({ timeout: 30_000 });
    expect(errors).toEqual([]);
    expect(seen()).toHaveLength(1);
  });

  it('a wrong write key is an error that it reports', async () => {
    const { analytics, errors } = client('wk-unknown');
    analytics.track({ userId: 'u-1', event: 'Signed In' });
    await analytics.closeAndFlush();
    expect(errors).toHaveLength(1);
    expect(seen()).toEqual([]);
  });
});

describe('@rudderstack/rudder-sdk-node', () => {
  it('its gzip labelled as a form arrives', async () => {
    const errors: unknown[] = [];
    const client = new RudderAnalytics('wk-2', {
      dataPlaneUrl: receiver.url,
      flushAt: 1,
      errorHandler: (error: unknown) => errors.push(error),
    });
    client.identify({ userId: 'u-1', traits: { title: 'Ops' } });
    client.track({ userId: 'u-1', event: 'Workflow Configured', context: { groupId: 'acct-7' } });
    client.group({ userId: 'u-1', groupId: 'acct-7', traits: { industry: 'Software' } });
    await client.flush();
    await until(() => receiver.journal.events.length === 3);
    expect(errors).toEqual([]);
    // It sends each by itself, and compresses in the background: which comes first nobody says.
    const inOrder = seen().sort((a, b) => (a.kind < b.kind ? -1 : 1));
    expect(inOrder).toEqual([
      { kind: 'group', name: null, userId: 'u-1', accountId: 'acct-7' },
      { kind: 'identify', name: null, userId: 'u-1', accountId: null },
      { kind: 'track', name: 'Workflow Configured', userId: 'u-1', accountId: 'acct-7' },
    ]);
  });
});

describe('@amplitude/analytics-node', () => {
  async function client(path: string, apiKey = 'ak-1') {
    const amplitude = createInstance();
    const logLevel = Types.LogLevel.None;
    const options = {
      serverUrl: `${receiver.url}${path}`,
      flushQueueSize: 1,
      flushIntervalMillis: 50,
      flushMaxRetries: 3,
      logLevel,
    };
    await amplitude.init(apiKey, options).promise;
    return amplitude;
  }
  const who = { user_id: 'u-1', device_id: 'd-1' };

  it.each(['/2/httpapi', '/batch'])('is content with %s', async (path) => {
    const amplitude = await client(path);
    const identify = new Identify()
      .set('title', 'Ops')
      .setOnce('createdAt', '2026-01-01')
      .unset('phone')
      .add('logins', 1);
    const groupIdentify = new Identify().set('plan', 'pro');
    const results = [
      amplitude.track(
        'Invite Sent',
        { invitee_email: 'b@initech.example' },
        { ...who, groups: { company: 'acct-7' } },
      ),
      amplitude.identify(identify, who),
      amplitude.setGroup('company', 'acct-7', who),
      amplitude.groupIdentify('company', 'acct-7', groupIdentify, who),
    ];
    await amplitude.flush().promise;
    const codes = (await Promise.all(results.map(({ promise }) => promise))).map(({ code }) => code);
    expect(codes).toEqual([200, 200, 200, 200]);
    const byKind = (kind: string) => receiver.journal.events.filter((event) => event.kind === kind);
    expect(byKind('track')).toMatchObject([
      { name: 'Invite Sent', userId: 'u-1', anonymousId: 'd-1', accountId: 'acct-7' },
    ]);
    expect(byKind('group')).toMatchObject([{ userId: null, accountId: 'acct-7', declared: true }]);
    expect(traitsOf(byKind('group')[0]?.accountTraits ?? [])).toEqual({ plan: 'pro' });
    const identifies = byKind('identify').sort((a, b) => a.personTraits.length - b.personTraits.length);
    expect(identifies.map(({ accountId }) => accountId)).toEqual(['acct-7', null]);
    expect(identifies[1]?.personTraits.map(({ op, name }) => [op, name])).toEqual([
      ['set', 'title'],
      ['set_once', 'created_at'],
      ['unset', 'phone'],
    ]);
    expect(identifies[1]?.properties).toEqual({ $ignored_operations: { $add: { logins: 1 } } });
  });

  it('I1: keeps its events while the journal fails, and they arrive once', async () => {
    let failures = 1;
    receiver.journal.fault = () => {
      failures -= 1;
      return failures >= 0 ? Promise.reject(new Error('down')) : undefined;
    };
    const amplitude = await client('/2/httpapi');
    // A flush that is asked for does not repeat; the SDK's own does.
    expect((await amplitude.track('Signed In', {}, who).promise).code).toBe(200);
    expect(seen()).toHaveLength(1);
  });

  it('is told that its API key is wrong, and gives up at once', async () => {
    const amplitude = await client('/2/httpapi', 'ak-unknown');
    const sent = amplitude.track('Signed In', {}, who).promise;
    await amplitude.flush().promise;
    expect(await sent).toMatchObject({ code: 400, message: expect.stringContaining('Invalid API key') });
    expect(receiver.journal.appends).toEqual([]);
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !holds(); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(holds()).toBe(true);
}
