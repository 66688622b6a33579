import express from 'express';
import { type Clock, systemClock } from '../../shared/clock.ts';
import type { Fault } from '../faults.ts';
import { type Sandbox, startSandbox } from '../http.ts';
import { lookRoutes, type Pressed, press, textView } from './press.ts';
import { slackRoutes } from './routes.ts';
import { type KeptMessage, type Settings, Workspace } from './workspace.ts';

export type { KeptMessage } from './workspace.ts';

export interface SlackSandboxOptions {
  port?: number;
  clock?: Clock;
  faults?: Fault[];
  settings?: Partial<Settings>;
}

export interface SlackSandbox extends Sandbox {
  /** May be changed while it runs. */
  readonly settings: Settings;
  /** What goes into SLACK_BASE_URL and SLACK_WEBHOOK_URL. */
  readonly apiUrl: string;
  readonly webhookUrl: string;
  readonly token: string;
  messages(): KeptMessage[];
  /** Every channel as one reads it. */
  text(): string;
  /** As when a person presses a button. */
  press(pressed: Pressed): Promise<{ status: number; ms: number }>;
  /** As when a person deletes a message. */
  remove(channel: string, ts: string): void;
}

/**
 * A stand-in for Slack that its official clients use unchanged: messages, updates, users, an incoming webhook, its limits and its
 * errors. Messages live as long as it runs.
 */
export async function startSlackSandbox(options: SlackSandboxOptions = {}): Promise<SlackSandbox> {
  const { port, clock = systemClock, faults, settings } = options;
  const workspace = new Workspace(settings, clock);
  const routes = express.Router();
  routes.use(lookRoutes(workspace, () => clock.now()));
  routes.use(slackRoutes(workspace, (write) => sandbox.wrote(write)));
  const sandbox = await startSandbox({
    ...(port === undefined ? {} : { port }),
    ...(faults === undefined ? {} : { faults }),
    clock,
    routes,
    records: () => workspace.messages,
  });
  return {
    ...sandbox,
    settings: workspace.settings,
    apiUrl: `${sandbox.url}/api/`,
    webhookUrl: `${sandbox.url}/services/${workspace.settings.webhook ?? ''}`,
    token: Object.keys(workspace.settings.tokens)[0] ?? '',
    messages: () => structuredClone(workspace.messages),
    text: () => textView(workspace),
    press: (pressed) => press(workspace, clock.now(), pressed),
    remove: (channel, ts) => {
      workspace.messages = workspace.messages.filter((one) => one.channel !== channel || one.ts !== ts);
    },
  };
}
