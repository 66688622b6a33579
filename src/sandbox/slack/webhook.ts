import type { Request, Response } from 'express';
import { type Arguments, argumentsOf, contentOf, contentProblem } from './content.ts';
import type { Workspace, Wrote } from './workspace.ts';

/** Answers in plain text, also when it refuses; only the limit comes as JSON. */
export function webhook(request: Request, response: Response, workspace: Workspace, wrote: Wrote): void {
  const channel = Object.keys(workspace.settings.channels)[0] ?? '';
  const args = argumentsOf(request);
  const refusal = webhookRefusal(request.path, channel, args, workspace);
  const busy = refusal === null ? workspace.busyFor(channel) : 0;
  if (busy > 0) {
    response.setHeader('Retry-After', String(busy));
    response.status(429).json({ retry_after: busy, ok: false, error: 'rate_limited' });
    return;
  }
  if (refusal === null) {
    const content = contentOf(args);
    const kept = workspace.post({ channel, threadTs: null, broadcast: false, ...content, webhook: true });
    wrote({ op: 'create', object: 'message', id: kept.ts, fields: { channel, text: kept.text } });
  }
  const { status, words } = refusal ?? { status: 200, words: 'ok' };
  response.status(status).type('text/html').send(words);
}

function webhookRefusal(
  path: string,
  channel: string,
  args: Arguments,
  { settings }: Workspace,
): { status: number; words: string } | null {
  if (settings.webhook === null) {
    return { status: 400, words: 'invalid_token' };
  }
  if (path !== `/services/${settings.webhook}`) {
    return { status: 404, words: 'no_service' };
  }
  if (settings.channels[channel]?.archived === true) {
    return { status: 410, words: 'channel_is_archived' };
  }
  const problem = contentProblem(args, 40_000);
  return problem === null ? null : { status: 400, words: String(problem.error) };
}
