import type { Faults } from '../../src/sandbox/faults.ts';
import type { Write } from '../../src/sandbox/http.ts';
import type { Bad } from '../../src/sandbox/hubspot/answers.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { noteConnection } from '../../src/store/connections.ts';
import type { Db } from '../../src/store/db.ts';
import { postgresOutbox } from '../../src/store/outbox.ts';
import type { CrmConnector } from '../../src/sync/crm.ts';
import { deliver } from '../../src/sync/deliver.ts';
import { queueActs } from './acts.ts';
import { NOON } from './event.ts';

/** The names of one CRM's fields, and what else differs in the acts that go to it. */
export interface Vendor {
  key: string;
  personKey: string;
  score: string;
  /** A field of one account only, which is renamed in the CRM. */
  reasons: string;
  onCreate: (account: string) => Record<string, string>;
  onCreatePerson: (account: string) => Record<string, string>;
}

export const HUBSPOT: Vendor = {
  key: 'pql_account_id',
  personKey: 'pql_person_id',
  score: 'pql_score',
  reasons: 'pql_reasons',
  onCreate: (account) => ({ name: account, domain: `${account}.example` }),
  onCreatePerson: () => ({ firstname: 'Ada' }),
};

export const mailOf = (account: string) => `ada@${account}.example`;

/** Acts of made-up accounts in one CRM, delivered on a clock that jumps to what is due next. */
export class WorstDay {
  readonly clock = new ManualClock(NOON);
  private readonly db: Db;
  private readonly vendor: Vendor;
  private connector: CrmConnector | null = null;
  private connection = '';

  constructor(db: Db, vendor: Vendor) {
    this.db = db;
    this.vendor = vendor;
  }

  async connect(connector: CrmConnector): Promise<void> {
    this.connector = connector;
    const { connection } = await connector.connect();
    this.connection = connection;
    await noteConnection(this.db, connector.name, connection, NOON);
  }

  /** What the account and its one person should hold now. */
  async wants(account: string, score: number, more: Record<string, string> = {}): Promise<void> {
    const { vendor } = this;
    const record = { create: true, stamps: [] };
    await this.act(account, 'fields', {
      account: {
        ...record,
        ref: account,
        lookup: `${account}.example`,
        fields: { [vendor.key]: account, [vendor.score]: score, ...more },
        onCreate: vendor.onCreate(account),
      },
      people: [
        {
          ...record,
          ref: `u:${account}`,
          lookup: mailOf(account),
          fields: { [vendor.personKey]: `u:${account}`, [vendor.score]: score },
          onCreate: vendor.onCreatePerson(account),
        },
      ],
    });
  }

  /** One task and one membership, as of an account that has crossed. */
  async crosses(account: string): Promise<void> {
    const person = `u:${account}`;
    await this.act(account, 'campaign', {
      campaign: 'PQL MQL',
      person,
      crmKey: `member-${account}`,
      status: null,
      lifecycleStage: null,
    });
    await this.act(account, 'task', {
      crmKey: `task-${account}`,
      subject: `PQL: ${account}`,
      body: 'why',
      dueAt: NOON,
      priority: 'high',
      person,
      owners: [],
    });
  }

  private async act(account: string, kind: string, payload: object): Promise<void> {
    const of = { crm: this.connector?.name ?? '', connection: this.connection };
    const person = `u:${account}`;
    await queueActs(this.db, of, [{ key: `${kind} ${account}`, account, kind, person, payload }]);
  }

  /** Delivers until nothing waits, over pauses and days; gives how much time (ms) it took. */
  async drain(meanwhile: () => void = () => {}): Promise<number> {
    const { connector, clock } = this;
    if (connector === null) {
      throw new Error('connect first');
    }
    const now = () => clock.now();
    const outbox = postgresOutbox(this.db, now, now);
    const deps = { outbox, connector, connection: this.connection, realNow: now, random: () => 0 };
    const from = now();
    for (let i = 0; i < 1000; i++) {
      const wait = await deliver(deps);
      if (wait === null) {
        return now() - from;
      }
      clock.advance(wait);
      meanwhile();
    }
    throw new Error('it never ends');
  }

  /** `kind account` -> state, of what is not done. */
  async undone(): Promise<object[]> {
    const rows = await this.db.query(
      `SELECT key, state, code, field, ref FROM actions WHERE state <> 'done' ORDER BY key`,
    );
    return rows.rows;
  }
}

/**
 * Every tenth call goes wrong in the next of these ways, up to call `until`.
 *
 * @param shift which of the ways comes first, and how many calls earlier
 */
export function everyTenth(faults: Faults, ways: readonly Bad[], until: number, shift = 0): void {
  for (let call = 10 - shift, i = 0; call <= until; call += 10, i++) {
    // A fault before it that has gone off hides its own call from this one.
    faults.add({ path: '*', skip: call - 1 - i, ...ways[(i + shift) % ways.length] });
  }
}

/** How often records of an object were made, by the value of a field. */
export function made(writes: readonly Write[], object: string, field: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const write of writes) {
    if (write.op === 'create' && write.object === object) {
      const key = String(write.fields[field]);
      counts[key] = (counts[key] ?? 0) + 1;
    }
  }
  return counts;
}
