/** The ways in which senders reach the service; each has its own path, wire shape and credentials. */
export type Route =
  | 'segment'
  | 'segment-batch'
  | 'sdk-segment'
  | 'amplitude-events'
  | 'amplitude-cohort'
  | 'sdk-amplitude';

/** One HTTP request of a sender, without its credentials. */
export interface Delivery {
  /** When it reaches the service, ms since 1970. Nothing inside happened later. */
  at: number;
  route: Route;
  /** The body in the sender's wire shape; SDK bodies get their time of sending when they are sent. */
  body: unknown;
  /** How often the sender sends the very same again, as after an answer it never saw. */
  repeats?: number;
  /** What is special about it. */
  note?: string;
}

export interface DemoDay {
  /** 0 for the first. */
  day: number;
  /** Midnight UTC at which the day begins, and the one at which it ends. */
  start: number;
  end: number;
  /** In order of arrival. */
  deliveries: Delivery[];
}
