import type { Clock } from '../shared/clock.ts';
import { MINUTE } from '../shared/time.ts';

/** Longest time after which a search is trusted to show a company that was made. */
const INDEX_LAG = 10 * MINUTE;

/**
 * Whose company was made for a domain a moment ago, or is about to be: HubSpot's search index does not show it yet, a bulk job of
 * Salesforce has not made it yet, and another account with that domain would get a second one. Limit: another process
 * does not know of it.
 */
export class RecentDomains {
  private readonly clock: Clock;
  private readonly made = new Map<string, { key: string; at: number }>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  note(domain: string, key: string): void {
    this.prune();
    this.made.set(domain, { key, at: this.clock.now() });
  }

  /** The other account that has it; undefined: none, as far as is known here. */
  rivalOf(domain: string, key: string): string | undefined {
    this.prune();
    const found = this.made.get(domain);
    return found === undefined || found.key === key ? undefined : found.key;
  }

  private prune(): void {
    const oldest = this.clock.now() - INDEX_LAG;
    for (const [domain, { at }] of this.made) {
      if (at < oldest) {
        this.made.delete(domain);
      }
    }
  }
}
