import { chunks } from '../../shared/rounds.ts';
import { HOUR } from '../../shared/time.ts';
import type { Delivery, Route } from './delivery.ts';
import { type Random, shuffled, whole } from './random.ts';
import type { Message } from './voice.ts';

/** How many elements a sender puts into one request; absent: one each. */
const BATCH: Partial<Record<Route, number>> = { 'segment-batch': 25, 'sdk-segment': 15, 'sdk-amplitude': 20 };

/** Requests as the senders make them: single events, batches in any order, some sent again. */
export function pack(messages: readonly Message[], random: Random): Delivery[] {
  return [...groups(messages).values()].flatMap((group) => {
    const [{ route } = group[0]] = group;
    return chunks(shuffled(random, group), BATCH[route] ?? 1).map((chunk, i) => {
      const at = Math.max(...chunk.map(({ arrives }) => arrives));
      const body = bodyOf(
        route,
        chunk.map((message) => message.body),
        i,
      );
      return sometimesRepeated({ at, route, body }, random);
    });
  });
}

type Group = [Message, ...Message[]];

/** What one sender collects within an hour. */
function groups(messages: readonly Message[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const message of messages) {
    const key = `${message.route} ${Math.floor(message.arrives / HOUR)}`;
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [message]);
    } else {
      group.push(message);
    }
  }
  return groups;
}

function bodyOf(route: Route, elements: Record<string, unknown>[], index: number): unknown {
  switch (route) {
    case 'segment-batch':
      // Extensible webhooks wrap each element of a batch.
      return index % 3 === 2 ? elements.map((json) => ({ json })) : elements;
    case 'sdk-segment':
      return { batch: elements };
    case 'sdk-amplitude':
      return { events: elements, options: {} };
    default:
      return elements[0];
  }
}

function sometimesRepeated(delivery: Delivery, random: Random): Delivery {
  return random() < 0.08
    ? { ...delivery, repeats: whole(random, 1, 2), note: 'sent again: the sender did not see the answer' }
    : delivery;
}
