import { hash } from 'node:crypto';
import { z } from 'zod';
import type { Press } from '../../alerts/press.ts';

const ID = z.string().regex(/^[A-Z][A-Z0-9]{1,20}$/);
const schema = z.object({
  type: z.literal('block_actions'),
  team: z.object({ id: ID }),
  user: z.object({ id: ID }),
  actions: z
    .array(
      z.object({
        action_id: z.string().max(255),
        action_ts: z.string().max(40),
        value: z.string().max(2000).optional(),
      }),
    )
    .max(25),
});

const BUTTONS: Record<string, Press['what']> = {
  pql_claim: 'claim',
  pql_snooze: 'snooze',
  pql_not_a_fit: 'not_a_fit',
};

/** The presses that a request tells of; null: it is none of Slack's forms. What is not a button of ours is nothing to us. */
export function pressesIn(body: Buffer): Press[] | null {
  const payload = new URLSearchParams(body.toString('utf8')).get('payload');
  const parsed = payload === null ? undefined : parsedOf(payload);
  if (typeof parsed !== 'object' || parsed === null) {
    return null;
  }
  const read = schema.safeParse(parsed);
  return read.success ? read.data.actions.flatMap((action) => pressOf(read.data, action)) : [];
}

function pressOf(
  { team, user }: z.output<typeof schema>,
  { action_id, action_ts, value = '' }: z.output<typeof schema>['actions'][number],
): Press[] {
  const what = Object.hasOwn(BUTTONS, action_id) ? BUTTONS[action_id] : undefined;
  const act = actOf(value);
  const told = JSON.stringify([team.id, user.id, action_id, action_ts, value]);
  const id = uuidOf(hash('sha256', told).slice(0, 32));
  return what === undefined || act === null ? [] : [{ id, team: team.id, user: user.id, what, act }];
}

/** `al_` and the act's id without its dashes. */
function actOf(value: string): string | null {
  const hex = /^al_([0-9a-f]{32})$/.exec(value)?.[1];
  return hex === undefined ? null : uuidOf(hex);
}

function uuidOf(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
