import type { Arrival } from '../arrival.ts';
import { type Reply, tooManyElements } from '../http/reply.ts';
import { ELEMENTS_MAX } from '../http/room.ts';
import { acknowledge, type Visit } from '../intake.ts';
import { elementsOf } from '../segment/bodies.ts';
import { translateSegment } from '../segment/translate.ts';

/** Journals every element of a body of the Segment family; each goes through `prepared` before it is read. */
export function journalElements(
  intake: Visit,
  arrival: Arrival,
  body: unknown,
  prepared: (element: unknown) => unknown = (element) => element,
): Promise<Reply> | Reply {
  const elements = elementsOf(body);
  if (elements.length > ELEMENTS_MAX) {
    return tooManyElements();
  }
  const entries = elements.flatMap((element) => translateSegment(prepared(element), arrival, intake.segment));
  return acknowledge(intake, arrival.route, entries);
}
