import { z } from 'zod';
import { HOUR } from '../../shared/time.ts';
import type { MembershipChange, Outcome, Outcomes } from '../../sync/crm.ts';
import { readRecords, updateRecords } from './batch.ts';
import type { HubspotApi } from './client.ts';
import { lifecycleMove, type Stage } from './lifecycle.ts';
import type { ContactLists } from './lists.ts';
import { isAbsent } from './outcomes.ts';
import { settleAll } from './records.ts';
import type { CrmRecord, Reply } from './reply.ts';
import { chunks } from './rounds.ts';

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
 * HubSpot has no campaign membership of contacts: a MANUAL list stands for a campaign. Once a contact is on it, its
 * lifecycle stage is moved, forward only. Both are repeatable: a membership is reported done when both have happened.
 */
export class CampaignMembers {
  private readonly api: HubspotApi;
  private readonly lists: ContactLists;
  private stages: { value: Stage[]; readAt: number } | null = null;

  constructor(api: HubspotApi, lists: ContactLists) {
    this.api = api;
    this.lists = lists;
  }

  async add(changes: MembershipChange[]): Promise<Outcomes> {
    const outcomes: Outcomes = new Map();
    for (const [campaign, members] of Map.groupBy(changes, (change) => change.campaign)) {
      for (const part of chunks(members, MEMBERS_MAX)) {
        await this.addToList(campaign, part, outcomes);
      }
    }
    const moving = changes.filter(
      ({ key, lifecycleStage }) => lifecycleStage !== null && outcomes.get(key)?.state === 'done',
    );
    for (const part of chunks(moving, MEMBERS_MAX)) {
      await this.moveStages(part, outcomes);
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
  private async moveStages(changes: MembershipChange[], outcomes: Outcomes): Promise<void> {
    const read = await this.readStagesOf(changes);
    if (!read.ok) {
      settleAll(changes, this.api.outcome(read.failure, 'repeatable'), outcomes);
      return;
    }
    const { stages, current } = read.data;
    const moves = changes.flatMap(({ key, personCrmId, lifecycleStage }) => {
      const target = lifecycleStage ?? '';
      const stage = current.get(personCrmId);
      if (stage === undefined) {
        outcomes.set(key, GONE);
        return [];
      }
      const move = lifecycleMove(stages, stage, target);
      const done = outcomes.get(key);
      if (!move.move && done?.state === 'done') {
        outcomes.set(key, { ...done, note: move.why });
      }
      return move.move ? [{ key, id: personCrmId, properties: { lifecyclestage: target } }] : [];
    });
    for (const [key, reply] of await updateRecords(this.api, 'contacts', moves)) {
      if (!reply.ok) {
        outcomes.set(key, this.api.outcome(reply.failure, 'repeatable'));
      }
    }
  }

  private async readStagesOf(
    changes: MembershipChange[],
  ): Promise<Reply<{ stages: Stage[]; current: Map<string, string> }>> {
    const stages = await this.readStages();
    if (!stages.ok) {
      return stages;
    }
    const contacts = changes.map(({ personCrmId }) => personCrmId);
    const records = await readRecords(this.api, 'contacts', contacts, ['lifecyclestage']);
    return records.ok
      ? { ok: true, data: { stages: stages.data, current: stageById(records.data) } }
      : records;
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

function stageById(records: CrmRecord[]): Map<string, string> {
  return new Map(records.map(({ id, properties }) => [id, properties.lifecyclestage ?? '']));
}
