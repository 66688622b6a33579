/** What Slack answered, before anybody judges it. */
export type Reply = { ok: true; channel: string | null; ts: string | null } | { ok: false; failure: Failure };

export type Failure =
  /** `ok: false` in the body: Slack's own word, and what it adds. */
  | { kind: 'refused'; error: string; detail: string }
  /** Too many calls. */
  | { kind: 'limited'; retryAfterMs: number | null }
  /** An answer of another kind; `body` is its beginning. */
  | { kind: 'status'; status: number; body: string; retryAfterMs: number | null }
  /** `sent` false: it certainly never reached Slack. */
  | { kind: 'lost'; sent: boolean; code: string }
  /** Success, and nothing that can be understood. */
  | { kind: 'unreadable' };

/** Seconds of a header; null: none that can be read. */
export function retryAfterMs(header: string | null | undefined): number | null {
  const seconds = Number(header);
  return header === null || header === undefined || !Number.isFinite(seconds) || seconds < 0
    ? null
    : seconds * 1000;
}

/** What a failed call of `fetch` says: `sent` is false only where no byte of the request can have arrived. */
export function lostCall(error: unknown): Failure {
  const code = codeOf(error);
  const isUnsent =
    /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/.test(code);
  const isTls = /^(CERT_|ERR_TLS|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED)/.test(code);
  return { kind: 'lost', sent: !isUnsent && !isTls, code: code === '' ? 'no_answer' : code.toLowerCase() };
}

/** The innermost code: clients wrap what the network said. */
function codeOf(error: unknown, depth = 0): string {
  const { code, cause, original, name, errors } = (error ?? {}) as Record<string, unknown>;
  for (const inner of [cause, original, Array.isArray(errors) ? errors[0] : undefined]) {
    const found = inner === undefined || depth > 4 ? '' : codeOf(inner, depth + 1);
    if (found !== '') {
      return found;
    }
  }
  const own = typeof code === 'string' && !code.startsWith('slack_') ? code : '';
  return own === '' && (name === 'TimeoutError' || name === 'AbortError') ? 'TIMEOUT' : own;
}
