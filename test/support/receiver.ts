import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Journal } from '../../src/events/journal.ts';
import type { ReceiveDeps } from '../../src/receive/config.ts';
import { receiveRoutes } from '../../src/receive/routes.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { silentLogger } from '../../src/shared/log.ts';
import { NOON } from './event.ts';
import { type MemoryJournal, memoryJournal } from './memory-journal.ts';

export const SECRETS = {
  segmentSecret: 'whsec_test',
  segmentToken: 'segment-token',
  segmentWriteKeys: ['wk-1', 'wk-2'],
  amplitudeToken: 'amplitude-token',
  amplitudeApiKeys: ['ak-1'],
};

export interface Receiver<J extends Journal = MemoryJournal> {
  url: string;
  journal: J;
  send(path: string, body: string | Buffer, init?: RequestInit): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

/** The receivers on a free port, with a journal in memory and the clock at noon unless overridden. */
export async function startReceiver(over?: Partial<Omit<ReceiveDeps, 'journal'>>): Promise<Receiver>;
export async function startReceiver<J extends Journal>(
  over: Partial<ReceiveDeps> & { journal: J },
): Promise<Receiver<J>>;
export async function startReceiver(over: Partial<ReceiveDeps> = {}): Promise<Receiver<Journal>> {
  const journal = over.journal ?? memoryJournal();
  const app = express();
  const deps = { clock: new ManualClock(NOON), logger: silentLogger(), config: SECRETS, ...over, journal };
  app.use(receiveRoutes(deps));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    journal,
    send: (path, body, init = {}) => send(`${url}${path}`, body, init),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function send(url: string, body: string | Buffer, init: RequestInit): Promise<Answer> {
  const bytes = typeof body === 'string' ? body : new Uint8Array(body);
  const response = await fetch(url, { method: 'POST', body: bytes, redirect: 'manual', ...init });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

/** Segment's signature of the given bytes. */
export function sign(signed: string, secret = SECRETS.segmentSecret): string {
  return createHmac('sha1', secret).update(signed).digest('hex');
}

/** Headers of a signed Segment request that also carries the shared token. */
export function segmentHeaders(signed: string): Record<string, string> {
  return { 'x-signature': sign(signed), 'x-webhook-token': SECRETS.segmentToken };
}

export const AMPLITUDE_HEADERS = { authorization: `Bearer ${SECRETS.amplitudeToken}` };
