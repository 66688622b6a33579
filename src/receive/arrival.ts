import type { ArrivalTimes } from '../events/clock-rules.ts';
import type { Vendor } from '../events/event.ts';

/** How and when a request came in: what every element of it has in common. */
export interface Arrival extends ArrivalTimes {
  vendor: Vendor;
  /** The route's name in quarantine, metrics and logs, e.g. `segment.webhook`. */
  route: string;
  /** From an SDK, not from a vendor's servers: ids and times that are missing are ours to give. */
  direct: boolean;
}
