/**
 * How much of what senders sent is held in memory at a time.
 *
 * Each route has room of its own, so that a flood at one takes nothing from the others. A body counts with the bytes
 * that have arrived of it, from the first piece until the answer: a sender who announces much and sends slowly takes
 * no more than it sent. Beyond the room a request is told to come again (503), nothing of it is kept, and nothing that
 * was acknowledged is lost (I1).
 */
export interface Room {
  /** Begins the account of one request. */
  enter(route: string): Held;
}

/** What one request holds. */
export interface Held {
  /** Takes this many bytes more; false: there is no room for them. A request that is alone in its room always fits. */
  take(bytes: number): boolean;
  /** Gives back all that the request took. */
  leave(): void;
}

/** Bytes for each route: the largest body that any route takes, a cohort of 32 MB. */
export const ROOM_BYTES = 32 * 1024 * 1024;

/** Elements in one request; vendors send at most 2,500 and 10,000. */
export const ELEMENTS_MAX = 20_000;

/** What an element costs beside the bytes it came in, until it is committed (measured: 250 to 330). */
export const ELEMENT_BYTES = 512;

/** Rooms of `bytes` each, one for each route. */
export function createRoom(bytes: number = ROOM_BYTES): Room {
  const held = new Map<string, number>();
  const of = (route: string) => held.get(route) ?? 0;
  return {
    enter(route) {
      let own = 0;
      return {
        take(more) {
          if (of(route) > own && of(route) + more > bytes) {
            return false;
          }
          own += more;
          held.set(route, of(route) + more);
          return true;
        },
        leave() {
          held.set(route, of(route) - own);
          own = 0;
        },
      };
    },
  };
}
