import { createHmac } from 'node:crypto';
import express, { type Router } from 'express';
import { z } from 'zod';
import type { Workspace } from './workspace.ts';

const request = z.strictObject({
  /** Where interactions go: the service's `/slack/interactions`. */
  url: z.url(),
  channel: z.string(),
  ts: z.string(),
  action: z.string(),
  user: z.string(),
  secret: z.string().optional(),
  /** Seconds that the request's time is off. */
  late: z.number().optional(),
  /** The body is changed after it was signed. */
  tampered: z.boolean().optional(),
});

export type Pressed = z.output<typeof request>;

interface Sent {
  status: number;
  /** Until the answer, ms. */
  ms: number;
}

/** Presses a button of a message as a person in Slack does: one signed request to the app, and its answer. */
export async function press(workspace: Workspace, now: number, given: Pressed): Promise<Sent> {
  const message = workspace.find(given.channel, given.ts);
  const value = message === undefined ? undefined : buttonValue(message.blocks, given.action);
  if (value === undefined) {
    throw new Error('no such button');
  }
  const body = `payload=${encodeURIComponent(JSON.stringify(payloadOf(workspace, given, value, now)))}`;
  const stamp = String(Math.floor(now / 1000) + (given.late ?? 0));
  const secret = given.secret ?? workspace.settings.signingSecret;
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${stamp}:${body}`).digest('hex')}`;
  const started = performance.now();
  const answer = await fetch(given.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': stamp,
      'x-slack-signature': signature,
    },
    body: given.tampered === true ? `${body}%20` : body,
    redirect: 'manual',
  });
  await answer.arrayBuffer();
  return { status: answer.status, ms: Math.round(performance.now() - started) };
}

let presses = 0;

function payloadOf(
  { settings }: Workspace,
  { channel, ts, action, user }: Pressed,
  value: string,
  now: number,
) {
  presses += 1;
  return {
    type: 'block_actions',
    api_app_id: 'A0SANDBOX01',
    trigger_id: '1.2.sandbox',
    team: { id: settings.team, domain: 'sandbox' },
    enterprise: null,
    is_enterprise_install: false,
    user: { id: user, username: user.toLowerCase(), name: user.toLowerCase(), team_id: settings.team },
    channel: { id: channel, name: settings.channels[channel]?.name ?? channel },
    container: { type: 'message', message_ts: ts, channel_id: channel, is_ephemeral: false },
    actions: [
      {
        type: 'button',
        action_id: action,
        block_id: 'b1',
        value,
        action_ts: `${Math.floor(now / 1000)}.${String(presses).padStart(6, '0')}`,
      },
    ],
  };
}

function buttonValue(blocks: readonly unknown[], action: string): string | undefined {
  const elements = blocks.flatMap(
    (block) => (block as { elements?: Record<string, unknown>[] }).elements ?? [],
  );
  const found = elements.find(({ action_id }) => action_id === action)?.value;
  return typeof found === 'string' ? found : undefined;
}

/** What the stand-in has that Slack has not: the messages to look at, and a finger. */
export function lookRoutes(workspace: Workspace, now: () => number): Router {
  const router = express.Router();
  router.get('/sandbox/messages', (_request, response) => void response.json(workspace.messages));
  router.get('/sandbox/messages.txt', (_request, response) => {
    response.type('text/plain').send(textView(workspace));
  });
  router.post('/sandbox/press', async (given, response) => {
    const read = request.safeParse(given.body);
    if (!read.success) {
      response.status(400).json({ error: z.prettifyError(read.error) });
      return;
    }
    try {
      response.json(await press(workspace, now(), read.data));
    } catch (error) {
      response.status(404).json({ error: (error as Error).message });
    }
  });
  return router;
}

/** Every channel as one reads it: threads below their first message. */
export function textView({ messages, settings }: Workspace): string {
  const firsts = messages.filter(({ threadTs }) => threadTs === null);
  const lines = firsts.flatMap((first) => [
    `#${settings.channels[first.channel]?.name ?? first.channel}  ${first.ts}`,
    ...linesOf(first.blocks, first.text).map((line) => `  ${line}`),
    ...messages
      .filter(({ channel, threadTs }) => channel === first.channel && threadTs === first.ts)
      .flatMap((reply) =>
        linesOf(reply.blocks, reply.text).map((line, i) => `  ${i === 0 ? '> ' : '  '}${line}`),
      ),
    '',
  ]);
  return lines.join('\n');
}

function linesOf(blocks: readonly unknown[], text: string): string[] {
  const words = blocks.flatMap((block) => wordsOf(block as Record<string, unknown>));
  return (words.length === 0 ? [text] : words).flatMap((line) => line.split('\n'));
}

function wordsOf({ type, text, fields, elements }: Record<string, unknown>): string[] {
  const textOf = (one: unknown): string => {
    const { text: inner } = (one ?? {}) as { text?: unknown };
    return typeof inner === 'string' ? inner : inner === undefined ? '' : textOf(inner);
  };
  const list = (given: unknown) => (Array.isArray(given) ? given.map(textOf) : []);
  const buttons = list(elements);
  return [
    ...(text === undefined ? [] : [textOf(text)]),
    ...list(fields),
    ...(type === 'actions' ? [buttons.map((one) => `[${one}]`).join(' ')] : buttons),
  ];
}
