import { setTimeout as sleep } from 'node:timers/promises';
import type { Delivery, Route } from '../../src/sandbox/traffic/delivery.ts';
import { type Random, repeatable, whole } from '../../src/sandbox/traffic/random.ts';
import { requestOf } from '../../src/sandbox/traffic/requests.ts';
import type { Message } from './history.ts';
import type { Secrets } from './world/world.ts';

/** Elements of one request. */
const BATCH: Partial<Record<Route, number>> = { 'segment-batch': 8, 'sdk-segment': 6, 'sdk-amplitude': 6 };
const LANES = 12;
/** As Segment does: no answer within 5 seconds is none. */
const TIMEOUT = 5000;
const LONGEST_WAIT = 4000;

/** What a delivery became. Real times, ms. */
export interface Acknowledged {
  delivery: Delivery;
  at: number;
  attempts: number;
}

export interface SenderReport {
  acknowledged: Acknowledged[];
  /** Answers after which a sender throws its events away. */
  discarded: string[];
  /** Answers, or their absence, by kind: that nothing ever failed would mean that nothing was tested. */
  answers: Record<string, number>;
}

interface Parcel {
  delivery: Delivery;
  messages: Message[];
  due: number;
}

/**
 * Sends everything, each when the run has come as far as it is due, as the vendors do: again after no answer, 408, 429 and 5xx, with growing pauses, for as
 * long as it takes; to any receiver; some requests given up too early, some sent twice, many at a time.
 */
export async function sendAll(
  messages: readonly Message[],
  to: { receivers: readonly string[]; secrets: Secrets; passed: () => number; seed: number },
): Promise<SenderReport> {
  const report: SenderReport = { acknowledged: [], discarded: [], answers: {} };
  const random = repeatable(to.seed ^ 0xace);
  const waiting = parcels(messages);
  const owed = new Map<string, number>();
  for (const { account, part } of messages) {
    owed.set(account, (owed.get(account) ?? 0) + (part === 'first' ? 1 : 0));
  }
  const next = () => {
    const passed = to.passed();
    const ready = waiting.findIndex(({ due, messages: own }) => due <= passed && !isEarly(own, owed));
    return ready === -1 ? undefined : waiting.splice(ready, 1)[0];
  };
  const lane = async () => {
    while (waiting.length > 0) {
      const parcel = next();
      if (parcel === undefined) {
        await sleep(20);
        continue;
      }
      await deliver(parcel.delivery, to, random, report);
      for (const { account, part } of parcel.messages) {
        owed.set(account, (owed.get(account) ?? 0) - (part === 'first' ? 1 : 0));
      }
      if (random() < 0.06) {
        waiting.push({ ...parcel, messages: [], due: Math.min(0.999, parcel.due + random() * 0.1) });
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return report;
}

function isEarly(messages: readonly Message[], owed: ReadonlyMap<string, number>): boolean {
  return messages.some(({ part, account }) => part === 'last' && (owed.get(account) ?? 0) > 0);
}

/** Messages of one route that are due one after the other share a request; each account's last deeds go alone. */
function parcels(messages: readonly Message[]): Parcel[] {
  const open = new Map<string, Message[]>();
  const closed: Parcel[] = [];
  const close = (group: Message[]) => {
    const [first] = group;
    if (first !== undefined) {
      const due = Math.max(...group.map((one) => one.due));
      closed.push({
        delivery: { at: 0, route: first.route, body: bodyOf(first.route, group) },
        messages: group,
        due,
      });
    }
  };
  for (const message of messages) {
    const key = `${message.route} ${message.part === 'last' ? message.account : ''}`;
    const group = [...(open.get(key) ?? []), message];
    open.set(key, group);
    if (group.length >= (BATCH[message.route] ?? 1)) {
      close(group);
      open.delete(key);
    }
  }
  for (const group of open.values()) {
    close(group);
  }
  return closed.sort((a, b) => a.due - b.due);
}

function bodyOf(route: Route, group: readonly Message[]): unknown {
  const bodies = group.map(({ body }) => body);
  switch (route) {
    case 'segment-batch':
      return bodies;
    case 'sdk-segment':
      return { batch: bodies };
    case 'sdk-amplitude':
      return { events: bodies, options: {} };
    default:
      return bodies[0];
  }
}

async function deliver(
  delivery: Delivery,
  to: { receivers: readonly string[]; secrets: Secrets },
  random: Random,
  report: SenderReport,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    // A load balancer in front does not know who is down, and a sender gives up early now and then.
    const receiver = to.receivers[whole(random, 0, to.receivers.length - 1)] ?? '';
    const patience = random() < 0.04 ? whole(random, 1, 40) : TIMEOUT;
    const answer = await post(receiver, delivery, to.secrets, patience);
    report.answers[answer] = (report.answers[answer] ?? 0) + 1;
    if (answer === '200') {
      report.acknowledged.push({
        delivery: { ...delivery, at: Date.now() },
        at: Date.now(),
        attempts: attempt,
      });
      return;
    }
    if (/^\d/.test(answer) && !/^(408|429|5\d\d)$/.test(answer)) {
      report.discarded.push(`${delivery.route}: ${answer}`);
      return;
    }
    await sleep(Math.min(LONGEST_WAIT, 100 * 2 ** (attempt - 1)) * (0.5 + random()));
  }
}

async function post(
  receiver: string,
  delivery: Delivery,
  secrets: Secrets,
  patience: number,
): Promise<string> {
  const { path, headers, body } = requestOf(delivery, { ...secrets, now: () => Date.now() });
  try {
    const answer = await fetch(receiver + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(patience),
    });
    const text = await answer.text();
    return String(path === '/2/httpapi' ? codeIn(text, answer.status) : answer.status);
  } catch (error) {
    return (error as Error).name === 'TimeoutError' ? 'no answer in time' : 'no connection';
  }
}

/** Amplitude's SDK goes by the `code` of the answer. */
function codeIn(text: string, status: number): number {
  const code = /"code":(\d+)/.exec(text)?.[1];
  return code === undefined ? status : Number(code);
}
