import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { SlaCounts } from '../read-model/sla.ts';
import type { StoreStatus } from '../read-model/status.ts';
import type { ReadModel } from '../read-model.ts';
import type { ReceiveMetrics } from '../receive/config.ts';
import { PRIORITIES } from '../sync/budget.ts';

export interface ServiceMetrics {
  registry: Registry;
  receive: ReceiveMetrics;
}

/** What `/metrics` shows: the receivers' counters, and gauges that ask the database when they are read. */
export function serviceMetrics(read: ReadModel): ServiceMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Histogram({
    name: 'pql_receive_request_seconds',
    help: 'Requests of senders, by route and status',
    labelNames: ['route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const events = new Counter({
    name: 'pql_events_total',
    help: 'Events acknowledged, repeats included',
    labelNames: ['route'],
    registers,
  });
  const quarantined = new Counter({
    name: 'pql_quarantined_total',
    help: 'Elements kept in quarantine',
    labelNames: ['route'],
    registers,
  });
  const ignored = new Counter({
    name: 'pql_ignored_operations_total',
    help: 'Identify operations journaled but not applied',
    labelNames: ['route'],
    registers,
  });
  const look = lookOnce(() => read.status());
  new Gauge({
    name: 'pql_database_up',
    help: '1 while the database answers; what waits is unknown while it does not',
    registers,
    async collect() {
      this.set((await look()) === null ? 0 : 1);
    },
  });
  new Gauge({
    name: 'pql_waiting',
    help: 'What waits in the database, by stage; from 100,000 on an estimate, or 100,000 for at least so many',
    labelNames: ['stage'],
    registers,
    async collect() {
      const found = await look();
      if (found === null) {
        this.reset();
        return;
      }
      const { journal, accounts, crm } = found;
      this.set({ stage: 'fold' }, journal.unfolded);
      this.set({ stage: 'assess' }, accounts.dirty);
      this.set({ stage: 'overdue' }, accounts.overdue);
      this.set({ stage: 'quarantined' }, journal.quarantined);
      for (const [name, { waiting, parked }] of Object.entries(crm)) {
        this.set({ stage: `deliver_${name}` }, waiting);
        this.set({ stage: `parked_${name}` }, parked);
      }
    },
  });
  budgetGauges(registers, look);
  slaGauge(registers, () => read.countClocks());
  return {
    registry,
    receive: {
      request: (route, status, ms) => requests.observe({ route, status: String(status) }, ms / 1000),
      accepted: (route, good, bad) => {
        events.inc({ route }, good);
        quarantined.inc({ route }, bad);
      },
      ignoredOperations: (route, count) => ignored.inc({ route }, count),
    },
  };
}

/** The CRMs' days. A CRM that has told nothing yet has no line. */
function budgetGauges(registers: Registry[], look: () => Promise<StoreStatus | null>): void {
  new Gauge({
    name: 'pql_crm_calls_left',
    help: "Calls of the CRM's day that are left to us, above what is kept for others",
    labelNames: ['crm'],
    registers,
    async collect() {
      this.reset();
      for (const [crm, { budget }] of Object.entries((await look())?.crm ?? {})) {
        if (budget.ours !== null) {
          this.set({ crm }, budget.ours);
        }
      }
    },
  });
  new Gauge({
    name: 'pql_crm_held',
    help: '1 while acts of this priority wait for the budget of calls',
    labelNames: ['crm', 'priority'],
    registers,
    async collect() {
      this.reset();
      for (const [crm, { budget }] of Object.entries((await look())?.crm ?? {})) {
        for (const priority of PRIORITIES) {
          this.set({ crm, priority }, budget.held.includes(priority) ? 1 : 0);
        }
      }
    },
  });
}

/** Promises of first contact that run. */
function slaGauge(registers: Registry[], count: () => Promise<SlaCounts>): void {
  new Gauge({
    name: 'pql_sla',
    help: 'Promises of first contact that run: open, due_soon, or breached with nobody having got in touch yet',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset();
      const found = await count().catch(() => null);
      if (found !== null) {
        this.set({ state: 'open' }, found.open);
        this.set({ state: 'due_soon' }, found.dueSoon);
        this.set({ state: 'breached' }, found.breached);
      }
    },
  });
}

/** Gauges that are read together share one look at the database; null: it does not answer. */
function lookOnce<T>(ask: () => Promise<T>): () => Promise<T | null> {
  let asking: Promise<T | null> | null = null;
  return () => {
    asking ??= ask()
      .catch(() => null)
      .finally(() => {
        asking = null;
      });
    return asking;
  };
}
