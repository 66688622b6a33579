import { z } from 'zod';
import { chunks } from '../../shared/rounds.ts';
import { HOUR } from '../../shared/time.ts';
import type { MembershipChange, Outcome, Outcomes } from '../../sync/crm.ts';
import { settleAll } from '../settle-all.ts';
import { type Properties, updateRecords } from './batch.ts';
import type { HubspotApi } from './client.ts';
import { leadStatusMove, lifecycleMove, type Stage } from './lifecycle.ts';
import type { ContactLists } from './lists.ts';
import { readRecords } from './lookup.ts';
import type { MarketingCampaign } from './marketing.ts';
import { isAbsent } from './outcomes.ts';
import type { CrmRecord, Reply } from './reply.ts';

/** HubSpot does not document a cap on one membership call; its own guide adds far more. */
const MEMBERS_MAX = 100;

/** Deleted, or merged into another. */
const GONE: Outcome = {
  state: 'rematch',
  code: 'not_found',
  reason: 'HubSpot has no contact with the linked id',
};

const stagesSchema = z.object({
  options: z.array(z.object({ value: z.string(), displayOrder: z.number().catch(0) })),
});

/**
 * HubSpot has no campaign membership of contacts: a MANUAL list stands for a campaign, attached to a marketing campaign
 * where one is named. Once a contact is on it, its lifecycle stage is moved, forward only, and its lead status from
 * those that are named. All is repeatable: a membership is reported done when all has happened.
 */
export class CampaignMembers {
  private readonly api: HubspotApi;
  private readonly lists: ContactLists;
  private readonly marketing: MarketingCampaign;
  private stages: { value: Stage[]; readAt: number } | null = null;

  constructor(api: HubspotApi, lists: ContactLists, marketing: MarketingCampaign) {
    this.api = api;
    this.lists = lists;
    this.marketing = marketing;
  }

  async add(changes: MembershipChange[]): Promise<Outcomes> {
    const outcomes: Outcomes = new Map();
    for (const [campaign, members] of Map.groupBy(changes, (change) => change.campaign)) {
      for (const part of chunks(members, MEMBERS_MAX)) {
        await this.addToList(campaign, part, outcomes);
      }
    }
    const moving = changes.filter(
      ({ key, lifecycleStage, leadStatus }) =>
        (lifecycleStage !== null || leadStatus !== undefined) && outcomes.get(key)?.state === 'done',
    );
    for (const part of chunks(moving, MEMBERS_MAX)) {
      await this.moveContacts(part, outcomes);
    }
    return outcomes;
  }

  private async addToList(campaign: string, members: MembershipChange[], outcomes: Outcomes): Promise<void> {
    const list = await this.lists.findOrCreate(campaign);
    if (!list.ok) {
      settleAll(members, this.api.outcome(list.failure, 'repeatable'), outcomes);
      return;
    }
    const contacts = [...new Set(members.map(({ personCrmId }) => personCrmId))];
    const added = await this.lists.add(list.data, contacts);
    for (const { key, personCrmId } of members) {
      const reply = added.get(personCrmId) ?? { ok: false, failure: { kind: 'unaccounted' } };
      outcomes.set(key, this.memberOutcome(campaign, `${list.data}:${personCrmId}`, reply));
    }
    note(members, await this.marketing.attach(list.data), outcomes);
  }

  private memberOutcome(campaign: string, crmId: string, reply: Reply<boolean>): Outcome {
    if (reply.ok) {
      return reply.data ? { state: 'done', crmId } : GONE;
    }
    if (isAbsent(reply.failure)) {
      this.lists.forget(campaign);
      return { state: 'retry', afterMs: 0, code: 'list_gone', reason: `the list "${campaign}" was deleted` };
    }
    return this.api.outcome(reply.failure, 'repeatable');
  }

  /** A contact that the look did not show may be a customer: its stage is not touched before it is known. */
  private async moveContacts(changes: MembershipChange[], outcomes: Outcomes): Promise<void> {
    const read = await this.readStagesOf(changes);
    if (!read.ok) {
      settleAll(changes, this.api.outcome(read.failure, 'repeatable'), outcomes);
      return;
    }
    const { stages, current } = read.data;
    const moves = changes.flatMap((change) => {
      const known = current.get(change.personCrmId);
      if (known === undefined) {
        outcomes.set(change.key, GONE);
        return [];
      }
      const { properties, notes } = movesOf(change, stages, known);
      note([change], notes.join('; ') || null, outcomes);
      return Object.keys(properties).length === 0
        ? []
        : [{ key: change.key, id: change.personCrmId, properties }];
    });
    for (const [key, reply] of await updateRecords(this.api, 'contacts', moves)) {
      if (!reply.ok) {
        outcomes.set(key, this.api.outcome(reply.failure, 'repeatable'));
      }
    }
  }

  private async readStagesOf(
    changes: MembershipChange[],
  ): Promise<Reply<{ stages: Stage[]; current: Map<string, CrmRecord['properties']> }>> {
    const staged = changes.some(({ lifecycleStage }) => lifecycleStage !== null);
    const stages: Reply<Stage[]> = staged ? await this.readStages() : { ok: true, data: [] };
    if (!stages.ok) {
      return stages;
    }
    const contacts = changes.map(({ personCrmId }) => personCrmId);
    const records = await readRecords(this.api, 'contacts', contacts, ['lifecyclestage', 'hs_lead_status']);
    const byId = (found: CrmRecord[]) => new Map(found.map(({ id, properties }) => [id, properties]));
    return records.ok ? { ok: true, data: { stages: stages.data, current: byId(records.data) } } : records;
  }

  /** The portal's stages in its own order, read once an hour. */
  private async readStages(): Promise<Reply<Stage[]>> {
    const now = this.api.clock.now();
    if (this.stages !== null && now - this.stages.readAt < HOUR) {
      return { ok: true, data: this.stages.value };
    }
    const reply = await this.api.call(stagesSchema, this.api.paths.property('contacts', 'lifecyclestage'));
    if (!reply.ok) {
      return reply;
    }
    this.stages = { value: reply.data.options, readAt: now };
    return { ok: true, data: reply.data.options };
  }
}

/** Which properties of a contact are to change, and what is to be said of those that stay. */
function movesOf(
  { lifecycleStage, leadStatus }: MembershipChange,
  stages: Stage[],
  contact: CrmRecord['properties'],
): { properties: Properties; notes: string[] } {
  const properties: Properties = {};
  const notes: string[] = [];
  if (lifecycleStage !== null) {
    const move = lifecycleMove(stages, contact.lifecyclestage ?? '', lifecycleStage);
    if (move.move) {
      properties.lifecyclestage = lifecycleStage;
    } else {
      notes.push(move.why);
    }
  }
  if (leadStatus !== undefined) {
    const move = leadStatusMove(leadStatus, contact.hs_lead_status ?? '');
    if (move.move) {
      properties.hs_lead_status = leadStatus.to;
    } else {
      notes.push(move.why);
    }
  }
  return { properties, notes };
}

/** Adds words to what is done. */
function note(members: MembershipChange[], words: string | null, outcomes: Outcomes): void {
  for (const { key } of words === null ? [] : members) {
    const done = outcomes.get(key);
    if (done?.state === 'done') {
      outcomes.set(key, { ...done, note: [done.note, words].filter(Boolean).join('; ') });
    }
  }
}
