import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { UNLIMITED } from '../../../src/sync/calls.ts';
import type { Outbox } from '../../../src/sync/outbox.ts';
import { wholeRound } from '../../../src/sync/rounds.ts';
import type { DeliverDeps } from '../../../src/sync/settle.ts';

const AGES = 400;

/** Mass that takes its time, and something that looks for urgent fields. */
function depsWith(hot: () => Promise<[]>, massEnded: () => void): DeliverDeps {
  const outbox: Partial<Outbox> = {
    pausedUntil: async () => null,
    claimFields: async (_connection, which) => {
      if (which === 'hot') {
        return hot();
      }
      await sleep(AGES);
      massEnded();
      return [];
    },
  };
  const connector = {} as DeliverDeps['connector'];
  return {
    outbox: outbox as Outbox,
    connector,
    connection: 'hubspot:1',
    realNow: () => Date.now(),
    random: () => 0,
  };
}

const noActs = async () => 0;

it('what becomes urgent while a round of mass is under way is looked for before that ends', async () => {
  const looks: string[] = [];
  const deps = depsWith(
    async () => {
      looks.push('urgent');
      return [];
    },
    () => looks.push('mass ended'),
  );
  await wholeRound(deps, UNLIMITED, noActs);
  expect(looks.at(0)).toBe('urgent');
  expect(looks.indexOf('mass ended')).toBeGreaterThan(2);
});

it('a failure of the urgent ends the round when its mass has ended, and not before', async () => {
  const seen: string[] = [];
  const deps = depsWith(
    async () => {
      seen.push('urgent');
      if (seen.length === 2) {
        throw new Error('database away');
      }
      return [];
    },
    () => seen.push('mass ended'),
  );
  await expect(wholeRound(deps, UNLIMITED, noActs)).rejects.toThrow('database away');
  expect(seen).toEqual(['urgent', 'urgent', 'mass ended']);
});
