import type { Route } from '../../src/sandbox/traffic/delivery.ts';
import { pick, type Random, repeatable, whole } from '../../src/sandbox/traffic/random.ts';
import {
  amplitudeRecord,
  amplitudeSdkEvent,
  segmentCall,
  segmentSdkCall,
} from '../../src/sandbox/traffic/wire.ts';
import type { Standing } from './world/crms.ts';

/**
 * What happened, made from a seed: every message of every account, and when its sender first tries to send it. Which
 * accounts qualify does not depend on the order in which messages arrive: traits of those do not change, and each has
 * a last deed without which it stays below the line. All times lie between 6 and 18 o'clock of past days and away from the ends
 * of windows, so that neither a skewed clock nor midnight changes what is right.
 */
export interface Message {
  route: Route;
  body: Record<string, unknown>;
  account: string;
  /** Where in the run it is sent first, from 0 to 1. */
  due: number;
  /** `last`: sent only when all of its account's `first` have been acknowledged. */
  part: 'first' | 'some' | 'last';
}

/** Someone whom the driver knows. */
export interface Person {
  id: string;
  email: string;
  lastName: string;
  account: string;
  /** Known and active before the account's last deed can be sent: joins the campaign if it crosses. */
  early: boolean;
}

export interface History {
  messages: Message[];
  people: Person[];
  /** Name by key. */
  companies: Map<string, { name: string; domain: string }>;
  /** What the CRMs knew before. */
  standing: Standing;
}

const DAY = 86_400_000;
const HOUR = 3_600_000;
const DEPARTMENTS = ['Engineering', 'Sales', 'Finance'] as const;
type Kind = 'hot' | 'warm' | 'mail' | 'late' | 'old';
const KINDS: readonly [Kind, ...Kind[]] = [
  'hot',
  'hot',
  'hot',
  'hot',
  'warm',
  'warm',
  'warm',
  'mail',
  'late',
  'old',
];

/** @param today midnight UTC of the day of the run, ms */
export function history(seed: number, accounts: number, today: number): History {
  const random = repeatable(seed ^ 0x5eed);
  const all: History = {
    messages: [],
    people: [],
    companies: new Map(),
    standing: { companies: [], people: [] },
  };
  for (let n = 0; n < accounts; n++) {
    new Story(all, n, KINDS[n % KINDS.length] ?? 'hot', random, today).tell();
  }
  all.messages.sort((a, b) => a.due - b.due);
  return all;
}

interface Who {
  id: string;
  deviceId: string;
  email: string;
  firstName: string;
  name: string;
  title: string;
  department: string | null;
  mailDomain: string;
}

class Story {
  private readonly all: History;
  private readonly kind: Kind;
  private readonly random: Random;
  private readonly today: number;
  private readonly key: string;
  private readonly domain: string;
  private readonly name: string;
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

  tell(): void {
    const { all, random, key, name, domain } = this;
    all.companies.set(key, { name, domain });
    if (random() < 0.5) {
      all.standing.companies.push({ name, domain });
    }
    const early = Array.from({ length: whole(random, 1, 3) }, (_, i) => this.person(i, true));
    const late = Array.from({ length: whole(random, 0, 2) }, (_, i) => this.person(early.length + i, false));
    const [main] = early;
    if (main === undefined) {
      return;
    }
    for (const who of early) {
      this.meet(who, 'first');
    }
    for (const who of late) {
      this.meet(who, 'some');
    }
    this.deeds(main, [...early, ...late]);
  }

  private deeds(main: Who, everybody: readonly Who[]): void {
    const { random } = this;
    const anybody = () => everybody[whole(random, 0, everybody.length - 1)] ?? main;
    for (let n = whole(random, 2, 12); n > 0; n--) {
      this.did(anybody(), 'Key Feature Used', { feature: `f-${whole(random, 1, 4)}` }, this.daysAgo(1, 5));
    }
    switch (this.kind) {
      case 'hot':
        this.qualify(main, anybody);
        break;
      case 'warm':
        this.change(main);
        break;
      case 'mail':
        this.did(main, 'Workflow Configured', { workflow_id: 'w-1' }, this.daysAgo(2, 20));
        this.invite(anybody(), whole(random, 0, 6));
        break;
      case 'late':
        this.company(main, this.fit(1), this.daysAgo(2, 4), 'some');
        this.did(main, 'API Integration Created', {}, this.daysAgo(5, 40), null);
        break;
      case 'old':
        this.did(main, 'Workflow Configured', { workflow_id: 'w-1' }, this.daysAgo(100, 120));
        this.did(main, 'Limit Breach Attempted', { limit: 'seats' }, this.daysAgo(100, 120));
    }
  }

  /** Below 85 points without the breach of a limit (25 points), at least 85 with it. */
  private qualify(main: Who, anybody: () => Who): void {
    const { random } = this;
    const way = whole(random, 1, 4);
    this.company(main, this.fit(way === 4 ? 3 : way === 2 ? 2 : 1), this.daysAgo(10, 30), 'first');
    if (way !== 2) {
      this.did(main, 'Workflow Configured', { workflow_id: 'w-1' }, this.daysAgo(2, 40));
    }
    if (way === 2 || way === 3) {
      this.did(anybody(), 'API Integration Created', {}, this.daysAgo(2, 40));
    }
    if (way <= 2) {
      this.invite(anybody(), way === 1 ? 3 : 6);
    }
    if (random() < 0.85) {
      for (let n = whole(random, 1, 4); n > 0; n--) {
        this.did(main, 'Limit Breach Attempted', { limit: 'seats' }, this.daysAgo(1, 5), this.key, 'last');
      }
    }
  }

  /** The company's facts change, and arrive in any order: the latest by its own time counts. At most 80 points. */
  private change(main: Who): void {
    for (const employees of [50, 240, 900, '101-500', 'many'].slice(0, whole(this.random, 1, 5))) {
      const industry = pick(this.random, ['Software', 'Paper', 'healthcare']);
      const tools = ['Slack', 'Jira', 'slack', 'Figma', 'Notion', 'Linear'].slice(
        0,
        whole(this.random, 0, 6),
      );
      this.company(main, { employees, industry, tech_stack: tools }, this.daysAgo(1, 80), 'some');
    }
    if (this.random() < 0.7) {
      this.did(main, 'Workflow Configured', { workflow_id: 'w-1' }, this.daysAgo(2, 80));
    }
  }

  private fit(tools: number): Record<string, unknown> {
    return { employees: 240, industry: 'Software', tech_stack: ['Slack', 'Jira', 'Figma'].slice(0, tools) };
  }

  private invite(who: Who, count: number): void {
    for (let n = 0; n < count; n++) {
      this.did(who, 'Invite Sent', { invitee_email: `guest${n}@${this.domain}` }, this.daysAgo(2, 60));
    }
  }

  private person(n: number, early: boolean): Who {
    const { all, key, domain, random } = this;
    const id = `${domain.split('.')[0]}-u${n}`;
    const lastName = `Person ${id}`;
    const email = `u${n}@${domain}`;
    all.people.push({ id, email, lastName, account: key, early });
    if (random() < 0.3) {
      all.standing.people.push({ email, lastName, lead: random() < 0.5 });
    }
    const department = this.kind === 'hot' || random() < 0.3 ? DEPARTMENTS[0] : pick(random, DEPARTMENTS);
    const title = 'Ops lead';
    return {
      id,
      deviceId: `device-${id}`,
      email,
      firstName: 'Ann',
      name: `Ann ${lastName}`,
      title,
      department,
      mailDomain: domain,
    };
  }

  /** Who they are, and a first visit; of some before anybody knew who they were. */
  private meet(who: Who, part: Message['part']): void {
    const at = this.daysAgo(3, 20);
    const { email, name, title, department } = who;
    this.send(who, { type: 'identify', traits: { email, name, title, department } }, at, this.carried, part);
    this.did(who, 'Signed In', {}, at + 1000, this.carried, part);
    if (this.random() < 0.3) {
      this.send(
        { ...who, id: '' },
        { type: 'page', name: 'home', properties: { path: '/' } },
        at - HOUR,
        null,
        'some',
      );
    }
  }

  /** The account id on ordinary messages. */
  private get carried(): string | null {
    return this.kind === 'mail' || this.kind === 'late' ? null : this.key;
  }

  private did(
    who: Who,
    event: string,
    properties: Record<string, unknown>,
    at: number,
    account: string | null = this.carried,
    part: Message['part'] = 'some',
  ): void {
    this.send(who, { type: 'track', event, properties }, at, account, part);
  }

  private company(who: Who, fit: Record<string, unknown>, at: number, part: Message['part']): void {
    const traits = { name: this.name, website: `https://www.${this.domain}`, plan: 'free', ...fit };
    this.send(who, { type: 'group', groupId: this.key, traits }, at, this.key, part);
  }

  private send(
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

  private daysAgo(least: number, most: number): number {
    const day = this.today - whole(this.random, least, most) * DAY;
    return day + 6 * HOUR + Math.floor(this.random() * 12 * HOUR);
  }
}

function routeOf({ type }: Record<string, unknown>, random: Random): Route {
  const all = ['segment', 'segment-batch', 'sdk-segment', 'sdk-amplitude', 'amplitude-events'] as const;
  return type === 'group'
    ? pick(random, ['segment', 'segment-batch', 'sdk-segment', 'sdk-amplitude'])
    : pick(random, all);
}

type Envelope = Parameters<typeof segmentCall>[0];

function wire(route: Route, envelope: Envelope, call: Record<string, unknown>): Record<string, unknown> {
  if (route === 'segment' || route === 'segment-batch') {
    const body = segmentCall(envelope, call);
    return envelope.who.id === '' ? { ...body, userId: null } : body;
  }
  if (route === 'sdk-segment') {
    return segmentSdkCall(envelope, call);
  }
  const values = amplitudeValues(call);
  return route === 'sdk-amplitude' ? amplitudeSdkEvent(envelope, values) : amplitudeRecord(envelope, values);
}

function amplitudeValues({ type, event, properties, traits }: Record<string, unknown>) {
  switch (type) {
    case 'identify':
      return { event_type: '$identify', user_properties: { $set: traits } };
    case 'group':
      return { event_type: '$groupidentify', group_properties: { $set: traits as object } };
    default:
      return { event_type: String(event), event_properties: properties as Record<string, unknown> };
  }
}
