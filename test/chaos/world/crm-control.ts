import { fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '../../../src/sandbox/faults.ts';
import type { Write } from '../../../src/sandbox/http.ts';
import type { KeptMessage } from '../../../src/sandbox/slack/index.ts';
import type { CrmName, Outside } from '../schedule.ts';
import type { CrmsAsked, CrmsTold, Standing } from './crms.ts';

/** The CRMs as the driver has them: it makes them misbehave, and reads what they hold. */
export interface CrmControl {
  told: CrmsTold;
  seed(standing: Standing): Promise<void>;
  expireSessions(): Promise<void>;
  addFault(crm: Outside, fault: Fault): Promise<void>;
  clearFaults(): Promise<void>;
  records<Row>(crm: CrmName, object: string): Promise<Row[]>;
  writes(crm: CrmName): Promise<Write[]>;
  /** What Slack was told. */
  messages(): Promise<KeptMessage[]>;
  stop(): void;
}

export async function startCrms(log: string): Promise<CrmControl> {
  const out = openSync(log, 'a');
  const child = fork(join(import.meta.dirname, 'crms.ts'), { stdio: ['ignore', out, out, 'ipc'] });
  const [told] = (await once(child, 'message')) as [CrmsTold];
  const address = { hubspot: told.hubspot, salesforce: told.salesforce.url, slack: told.slack.url };
  const ask = async (asked: CrmsAsked) => {
    const answered = once(child, 'message');
    child.send(asked);
    await answered;
  };
  const call = async (crm: Outside, path: string, init: RequestInit = {}) => {
    const answer = await fetch(`${address[crm]}/__sandbox/${path}`, init);
    if (!answer.ok) {
      throw new Error(`the stand-in of ${crm} answered ${answer.status} to ${path}: ${await answer.text()}`);
    }
    return answer;
  };
  return {
    told,
    seed: (standing) => ask({ ask: 'seed', standing }),
    expireSessions: () => ask({ ask: 'expire' }),
    addFault: async (crm, fault) => {
      const headers = { 'content-type': 'application/json' };
      await call(crm, 'faults', { method: 'POST', headers, body: JSON.stringify(fault) });
    },
    clearFaults: async () => {
      await call('hubspot', 'faults', { method: 'DELETE' });
      await call('salesforce', 'faults', { method: 'DELETE' });
      await call('slack', 'faults', { method: 'DELETE' });
    },
    records: async <Row>(crm: CrmName, object: string) =>
      (await (await call(crm, `records/${object}`)).json()) as Row[],
    writes: async (crm) => (await (await call(crm, 'writes')).json()) as Write[],
    messages: async () => {
      const answer = await fetch(`${told.slack.url}/sandbox/messages`);
      return (await answer.json()) as KeptMessage[];
    },
    stop: () => {
      if (child.connected) {
        child.disconnect();
      }
    },
  };
}
