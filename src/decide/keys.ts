import { createHash } from 'node:crypto';

/**
 * The key under which a CRM knows an act of ours: short, of characters no CRM minds, and the same for ever for
 * the same act, so that a repeat finds the record instead of making a second one (I6, I8).
 * 160 bits of SHA-256 in base 32: two acts that share one are not to be expected.
 */
export function crmKey(ledgerKey: string): string {
  const bytes = createHash('sha256').update(ledgerKey).digest().subarray(0, 20);
  let bits = 0n;
  for (const byte of bytes) {
    bits = (bits << 8n) | BigInt(byte);
  }
  return `pql-${bits.toString(32).padStart(32, '0')}`;
}

/** A crossing, as acts name theirs: `mql#2`. */
export function crossingKey({ tier, n }: { tier: string; n: number }): string {
  return `${tier}#${n}`;
}

/** Ledger key of the task of one crossing. */
export function taskKey(account: string, model: string, tier: string, n: number, touch: string): string {
  return `t:${JSON.stringify([account, model, tier, n, touch])}`;
}

/** Ledger key of a crossing that is held back: of its own, since the task may still follow. */
export function heldKey(account: string, model: string, tier: string, n: number): string {
  return `h:${JSON.stringify([account, model, tier, n])}`;
}

/** Ledger key of one person's membership in one campaign: a set, whatever the account or the crossing. */
export function membershipKey(campaign: string, person: string): string {
  return `c:${JSON.stringify([campaign, person])}`;
}

/** Ledger key of an account's fields. */
export function fieldsKey(account: string): string {
  return `f:${JSON.stringify([account])}`;
}

/** Ledger key of what ends or notes the tasks of one crossing; `n` crossings, `why` such as bought, or `cooled 2`. */
export function followUpKey(account: string, model: string, tier: string, n: number, why: string): string {
  return `x:${JSON.stringify([account, model, tier, n, why])}`;
}

/** Ledger key of what is told of one crossing; `what` such as crossed, or `cooled 2`. */
export function alertKey(account: string, model: string, tier: string, n: number, what: string): string {
  return `a:${JSON.stringify([account, model, tier, n, what])}`;
}

/** A word that names an act inside the text of a task, so that its line is never added twice (I6). */
export function actMark(crmKey: string): string {
  return `pql-${createHash('sha256').update(crmKey).digest('hex').slice(0, 12)}`;
}
