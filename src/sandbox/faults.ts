import { z } from 'zod';

const replySchema = z.strictObject({
  status: z.int(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
});

/**
 * A fault: what a sandbox does to the next calls that match, instead of behaving.
 * `path` is matched against the path as sent, without the query; `*` stands for any run of characters.
 */
const faultSchema = z.strictObject({
  /** Any method when absent. */
  method: z.string().optional(),
  path: z.string(),
  /** How many calls it hits; `always` until cleared. Default 1. */
  times: z.union([z.int().positive(), z.literal('always')]).optional(),
  /** Lets this many matching calls pass first. */
  skip: z.int().nonnegative().optional(),
  /** Waits before anything else, milliseconds. A fault with only this combines with others. */
  delayMs: z.int().nonnegative().optional(),
  /** Answers this and does nothing. A string body is sent as it is, anything else as JSON. */
  reply: replySchema.optional(),
  /** Resets the connection: `before` anything is done, or `after` the write is done and its answer lost. */
  reset: z.enum(['before', 'after']).optional(),
  /** Does the work and answers this instead of the true answer. */
  replyAfter: replySchema.optional(),
  /** Never answers; nothing is done. */
  hang: z.literal(true).optional(),
  /** A behaviour that only the vendor's own routes know, found with `vendorFault(response)`. */
  vendor: z.string().optional(),
  detail: z.unknown().optional(),
});

export type Fault = z.infer<typeof faultSchema>;

export interface Faults {
  /** Faults are tried in the order they were added. Throws a ZodError for an unknown shape. */
  add(fault: Fault): void;
  clear(): void;
  list(): Fault[];
}

interface Armed {
  fault: Fault;
  matches: RegExp;
  skip: number;
  left: number;
}

/** What happens to one call: at most one fault that decides its answer, and every pure delay. */
export interface Taken {
  delayMs: number;
  fault: Fault | null;
}

export class FaultList implements Faults {
  private armed: Armed[] = [];

  add(fault: Fault): void {
    const checked = faultSchema.parse(fault);
    this.armed.push({
      fault: checked,
      matches: globToRegExp(checked.path),
      skip: checked.skip ?? 0,
      left: checked.times === 'always' ? Number.POSITIVE_INFINITY : (checked.times ?? 1),
    });
  }

  clear(): void {
    this.armed = [];
  }

  list(): Fault[] {
    return this.armed.map(({ fault }) => fault);
  }

  /** Spends one count of every fault that hits this call. */
  take(method: string, path: string): Taken {
    const taken: Taken = { delayMs: 0, fault: null };
    for (const armed of this.armed) {
      if (!hits(armed, method, path) || (taken.fault !== null && !isDelayOnly(armed.fault))) {
        continue;
      }
      if (armed.skip > 0) {
        armed.skip -= 1;
        continue;
      }
      armed.left -= 1;
      taken.delayMs += armed.fault.delayMs ?? 0;
      if (!isDelayOnly(armed.fault)) {
        taken.fault = armed.fault;
      }
    }
    this.armed = this.armed.filter((armed) => armed.left > 0);
    return taken;
  }
}

function hits({ fault, matches }: Armed, method: string, path: string): boolean {
  const sameMethod = fault.method === undefined || fault.method.toUpperCase() === method;
  return sameMethod && matches.test(path);
}

function isDelayOnly(fault: Fault): boolean {
  return (
    fault.reply === undefined &&
    fault.replyAfter === undefined &&
    fault.reset === undefined &&
    fault.hang === undefined &&
    fault.vendor === undefined
  );
}

function globToRegExp(glob: string): RegExp {
  const literal = glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*')}$`);
}
