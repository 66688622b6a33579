import { createHash } from 'node:crypto';
import type { Hold } from './hold.ts';

/** A share of the qualified accounts that is scored and not contacted, so that it can be told what contacting does. */
export interface Holdout {
  /** 0 to 1. */
  share: number;
  /** Another name draws other accounts. */
  name: string;
}

/** Stands for the holdout among the holds. */
export const HOLDOUT = 'holdout';

const BYTES = 6;

/** Whether an account is of the share: by its key and the name alone, so the same for ever, on every machine. */
export function isHeldOut(holdout: Holdout | null, account: string): boolean {
  if (holdout === null) {
    return false;
  }
  const text = JSON.stringify([holdout.name, account]);
  const drawn = createHash('sha256').update(text).digest().readUIntBE(0, BYTES) / 2 ** (8 * BYTES);
  return drawn < holdout.share;
}

/** What it holds back: nothing, or one hold that no time ends. */
export function holdoutOf(holdout: Holdout | null, account: string): Hold[] {
  return holdout !== null && isHeldOut(holdout, account)
    ? [
        {
          id: HOLDOUT,
          why: `of the ${Math.round(holdout.share * 100)} % that nobody contacts (${holdout.name})`,
          until: null,
        },
      ]
    : [];
}
