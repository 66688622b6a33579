import { personOf, type World } from './world.ts';

/** What the CRMs have said of an account; nothing of one that nobody knows. */
export async function crmFacts({ service }: World, account: string): Promise<Record<string, unknown>> {
  const found = await service.read.findAccount(account);
  return found === null ? {} : ((await service.read.loadState(found)).facts?.crm ?? {});
}

/** The first person of an account comes; it is linked, and what the CRMs hold of it is read. */
export async function arrive(world: World, account: string): Promise<void> {
  const { identify, group } = personOf(account, `ada-${account}`, world.clock);
  await world.send(identify({ email: `ada@${account}.example` }), group({ website: `${account}.example` }));
  await world.settle();
  await world.settle();
}
