import type { Policy } from '../../src/decide/decide.ts';
import { foldRules, loadMappings, type Mappings } from '../../src/mappings.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { silentLogger } from '../../src/shared/log.ts';
import type { Db } from '../../src/store/db.ts';
import { WAITS } from '../../src/store/fold/accounts.ts';
import type { FoldDeps } from '../../src/store/fold/index.ts';
import { rankOf, type StageDeps, serviceStages } from '../../src/wiring/service-stages.ts';

/** The shipped folder; `next`: a new version of its model, in which one rule gives another number of points. */
export function mappingsOf(next: boolean): Mappings {
  const dir = new URL('../../mappings', import.meta.url).pathname;
  const first = loadMappings(dir);
  if (!first.ok) {
    throw new Error(JSON.stringify(first.error));
  }
  if (!next) {
    return first.value;
  }
  const file = first.value.files.find(({ model }) => model.model === first.value.champion.model);
  const name = file?.name ?? '';
  const text = (file?.text ?? '').replace(
    'between: [101, 500]\n    points: 15',
    'between: [101, 500]\n    points: 16',
  );
  const second = loadMappings(dir, new Map([[name, text]]));
  if (!second.ok || second.value.champion.version === first.value.champion.version) {
    throw new Error('the new version of the model is not valid, or not new');
  }
  return second.value;
}

/** The fold over the shipped catalogue. */
export function foldDeps(db: Db, mappings: Mappings, now: number): FoldDeps {
  return {
    db,
    ...foldRules(mappings),
    now: () => now,
    realNow: () => Date.now(),
    waits: { trigger: 0, ordinary: 0 },
    tierRank: rankOf(mappings),
  };
}

/** A worker's stages as the service has them, without CRMs. */
export function stagesOf(db: Db, mappings: Mappings, now: number): ReturnType<typeof serviceStages> {
  const deps: StageDeps = {
    db,
    clock: new ManualClock(now),
    realNow: () => Date.now(),
    mappings: () => mappings,
    note: async () => undefined,
    isBehind: async () => false,
    policy: () => policyOf(mappings),
    wake: () => undefined,
    waits: WAITS,
    life: { stopping: false },
    logger: silentLogger(),
    deliverTo: () => [],
    readAgain: () => null,
    keep: { journal: 400, history: 90 },
    alert: null,
    readBack: async () => ({ toScore: 0, toWrite: 0 }),
    sendDigests: async () => undefined,
  };
  return serviceStages(deps);
}

function policyOf(mappings: Mappings): Policy {
  return {
    model: mappings.champion,
    handoff: mappings.handoff,
    mappings: [mappings.hubspot, mappings.salesforce],
    templates: mappings.templates,
    signals: mappings.signals.signals,
    isBuying: (signal) => mappings.signals.isBuying(signal),
    mail: foldRules(mappings).rules,
    linkBase: 'http://127.0.0.1',
  };
}
