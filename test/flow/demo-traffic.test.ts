import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { AccountState } from '../../src/accounts/state.ts';
import type { Delivery } from '../../src/sandbox/traffic/delivery.ts';
import { demoTraffic } from '../../src/sandbox/traffic/playbook.ts';
import { Discarded, deliver, deliverAll, type Target } from '../../src/sandbox/traffic/send.ts';
import { evaluate } from '../../src/score/evaluate.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { standingsAt } from '../support/oracle/oracle.ts';
import { type Receiver, SECRETS, startReceiver } from '../support/receiver.ts';
import { referenceStates } from '../support/reference-fold.ts';
import { shippedRubric, shippedRules } from '../support/shipped.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 10, 2);

function target(baseUrl: string, now: () => number): Target {
  const { segmentSecret, segmentToken, segmentWriteKeys, amplitudeToken, amplitudeApiKeys } = SECRETS;
  const [segmentWriteKey = ''] = segmentWriteKeys;
  const [amplitudeApiKey = ''] = amplitudeApiKeys;
  const keys = { segmentSecret, segmentToken, segmentWriteKey, amplitudeToken, amplitudeApiKey };
  return { baseUrl, ...keys, now, retryAfter: 1 };
}

describe('the demo traffic over real HTTP', () => {
  const clock = new ManualClock(START);
  const days = demoTraffic({ start: START, days: 14, seed: 1 });
  const sent = days.flatMap(({ deliveries }) => deliveries);

  /** Plays the days with the clock set to the end of each hour, as the demo does. */
  async function play(receiver: Receiver): Promise<void> {
    for (let hour = START; hour < START + 14 * DAY; hour += 3_600_000) {
      const due = sent.filter(({ at }) => at >= hour && at < hour + 3_600_000);
      clock.set(Math.max(hour, ...due.map(({ at }) => at)));
      await deliverAll(
        due,
        target(receiver.url, () => clock.now()),
      );
    }
  }

  it('is taken whole, and leads every account to the points and tier of the oracle (I2, I3, I4)', async () => {
    const receiver = await startReceiver({ clock });
    await play(receiver);
    await receiver.close();
    const { events, quarantined } = receiver.journal;
    expect(quarantined.map(({ code }) => code)).toEqual(['no_ids']);
    const states = referenceStates(shippedRules(), events);
    for (const now of [START + 7 * DAY, START + 10 * DAY, START + 14 * DAY]) {
      const early = events.filter(({ receivedAt }) => receivedAt < now);
      const known = now === START + 14 * DAY ? states : referenceStates(shippedRules(), early);
      expect(scored(known, now)).toEqual(expected(now));
    }
  });

  function scored(states: ReturnType<typeof referenceStates>, now: number): string[] {
    const model = shippedRubric();
    return Object.entries(states)
      .map(([key, parts]) => {
        const { value, tier, explanation } = evaluate(model, stateOf(key, parts), now);
        return line(
          key,
          value,
          tier,
          Object.fromEntries(explanation.map(({ rule, points }) => [rule, points])),
        );
      })
      .sort();
  }

  function expected(now: number): string[] {
    return [...standingsAt(sent, now)]
      .map(([key, { score, tier, points }]) => line(key, score, tier, points))
      .sort();
  }
});

function line(key: string, score: number, tier: string, points: Record<string, number>): string {
  const rules = Object.entries(points).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${key} ${score} ${tier} ${rules.map(([rule, worth]) => `${rule}=${worth}`).join(' ')}`;
}

function stateOf(key: string, parts: Record<string, string>): AccountState {
  const own = Object.entries(parts);
  return {
    key,
    parts: own.map(([ref, part]) => ({ person: ref.startsWith('g:') ? null : ref, ...JSON.parse(part) })),
  };
}

describe('a sender', () => {
  let server: Server | null = null;
  afterEach(async () => {
    server?.closeAllConnections();
    await new Promise((resolve) => (server === null ? resolve(null) : server.close(resolve)));
    server = null;
  });

  /** A service that answers with these, one after the other; the last one for ever. null: no answer. */
  async function answering(...answers: ({ status: number; body?: string } | null)[]) {
    const bodies: string[] = [];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const answer = answers[Math.min(bodies.push(body), answers.length) - 1];
        if (answer === null || answer === undefined) {
          request.socket.destroy();
        } else {
          response.writeHead(answer.status).end(answer.body ?? '{}');
        }
      });
    });
    await new Promise((resolve) => server?.listen(0, '127.0.0.1', () => resolve(null)));
    const { port } = server.address() as AddressInfo;
    return { bodies, to: target(`http://127.0.0.1:${port}`, () => START) };
  }
  const delivery = (over: Partial<Delivery> = {}): Delivery => ({
    at: START,
    route: 'segment',
    body: { type: 'track' },
    ...over,
  });
  const [ok, busy] = [{ status: 200 }, { status: 503 }];

  it('sends the very same again after 503 and after no answer at all', async () => {
    const { bodies, to } = await answering(busy, null, busy, ok);
    await deliver(delivery(), to);
    expect(bodies).toEqual(Array.from({ length: 4 }, () => '{"type":"track"}'));
  });

  it('gives up when there is never an answer', async () => {
    const { bodies, to } = await answering(null);
    await expect(deliver(delivery(), to)).rejects.toThrow(Discarded);
    expect(bodies.length).toBe(12);
  });

  it('gives up at once where the vendor would throw the event away', async () => {
    for (const status of [400, 401, 404, 413, 501]) {
      const { bodies, to } = await answering({ status });
      await expect(deliver(delivery(), to)).rejects.toMatchObject({ status });
      expect(bodies.length).toBe(1);
      server?.close();
    }
  });

  it('does not follow a redirect: Segment would arrive without the body', async () => {
    const { bodies, to } = await answering({ status: 302 });
    await expect(deliver(delivery(), to)).rejects.toMatchObject({ status: 302 });
    expect(bodies.length).toBe(1);
  });

  it('repeats a delivery as often as it says', async () => {
    const { bodies, to } = await answering(ok);
    await deliver(delivery({ repeats: 2 }), to);
    expect(bodies.length).toBe(3);
  });

  it('of Amplitude goes by the code in the answer, as its SDK does', async () => {
    const { bodies, to } = await answering(
      { status: 200, body: '{"success":true}' },
      { status: 200, body: '{"code":200}' },
    );
    await deliver(delivery({ route: 'sdk-amplitude', body: { events: [] } }), to);
    expect(bodies.length).toBe(2);
  });

  it('begins nothing more after a failure', async () => {
    const { bodies, to } = await answering({ status: 400 });
    const many = Array.from({ length: 100 }, () => delivery());
    await expect(deliverAll(many, to)).rejects.toThrow(Discarded);
    expect(bodies.length).toBeLessThanOrEqual(12);
  });
});
