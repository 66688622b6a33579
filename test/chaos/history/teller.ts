import { type Random, whole } from '../../../src/sandbox/traffic/random.ts';
import type { History, Message } from './messages.ts';
import { routeOf, wire } from './wire.ts';

const DAY = 86_400_000;
export const HOUR = 3_600_000;
/** What becomes of an account: qualifies, changes, is known by mail alone, learns late where it belongs, was active long ago. */
export type Kind = 'hot' | 'warm' | 'mail' | 'late' | 'old';

export interface Who {
  id: string;
  deviceId: string;
  email: string;
  firstName: string;
  name: string;
  title: string;
  department: string | null;
  mailDomain: string;
}

/** Tells, call by call, what the people of one account did. */
export class Teller {
  protected readonly all: History;
  protected readonly kind: Kind;
  protected readonly random: Random;
  protected readonly today: number;
  protected readonly key: string;
  protected readonly domain: string;
  protected readonly name: string;
  private readonly start: number;
  private serial = 0;

  constructor(all: History, n: number, kind: Kind, random: Random, today: number) {
    this.all = all;
    this.kind = kind;
    this.random = random;
    this.today = today;
    this.domain = `company${n}.example`;
    this.key = kind === 'mail' ? this.domain : `acct-${n}`;
    this.name = `Company ${n}`;
    this.start = random() * 0.7;
  }

  /** The account id on ordinary messages. */
  protected get carried(): string | null {
    return this.kind === 'mail' || this.kind === 'late' ? null : this.key;
  }

  protected did(
    who: Who,
    event: string,
    properties: Record<string, unknown>,
    at: number,
    account: string | null = this.carried,
    part: Message['part'] = 'some',
  ): void {
    this.send(who, { type: 'track', event, properties }, at, account, part);
  }

  protected company(who: Who, fit: Record<string, unknown>, at: number, part: Message['part']): void {
    const traits = { name: this.name, website: `https://www.${this.domain}`, plan: 'free', ...fit };
    this.send(who, { type: 'group', groupId: this.key, traits }, at, this.key, part);
  }

  protected send(
    who: Who,
    call: Record<string, unknown>,
    at: number,
    account: string | null,
    part: Message['part'],
  ): void {
    const { all, random, key } = this;
    this.serial += 1;
    const id = `${key}-${this.serial}`;
    const route = who.id === '' || call.type === 'page' ? 'segment' : routeOf(call, random);
    const body = wire(route, { id, at, arrives: at + 1000, who: who as never, account }, call);
    const due = { first: this.start, some: this.start + random() * (1 - this.start), last: this.start + 0.1 }[
      part
    ];
    all.messages.push({ route, body, account: key, due: Math.min(0.999, due + random() * 0.03), part });
  }

  protected daysAgo(least: number, most: number): number {
    const day = this.today - whole(this.random, least, most) * DAY;
    return day + 6 * HOUR + Math.floor(this.random() * 12 * HOUR);
  }
}
