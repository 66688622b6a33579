import { anonymousRef, canonicalUser, personOf, type Ref, userRef } from '../../accounts/identity.ts';
import type { ProductEvent } from '../../events/event.ts';
import type { Identities } from './identities.ts';

/** Who must be worked on: new events by person, people to rebuild from the journal, people who ceased. */
export interface Work {
  fresh: Map<Ref, ProductEvent[]>;
  rebuild: Set<Ref>;
  /** People who ceased, each with the person that took their events over. */
  gone: Map<Ref, Ref>;
}

/** Gives each event to its person, and names the people whose older events change hands. */
export function assign(events: readonly ProductEvent[], identities: Identities): Work {
  const { edges, moved, absorbed, linksFor } = identities;
  const fresh = new Map<Ref, ProductEvent[]>();
  for (const event of events) {
    const ref = personOf(event, edges, linksFor);
    if (ref !== null) {
      fresh.set(ref, [...(fresh.get(ref) ?? []), event]);
    }
  }
  const userFor = (user: string) => userRef(canonicalUser(edges, user));
  const rebuild = new Set([...moved].map(userFor));
  const gone = new Map([...absorbed].map(([id, user]) => [anonymousRef(id), userFor(user)]));
  for (const user of moved) {
    if (!rebuild.has(userRef(user))) {
      gone.set(userRef(user), userFor(user));
    }
  }
  return { fresh, rebuild, gone };
}
