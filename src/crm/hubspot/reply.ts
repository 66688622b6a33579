import { z } from 'zod';

/** Why a call, or one record of a batch, did not succeed. Holds nothing that HubSpot was told, only what it said. */
export type Failure =
  | {
      kind: 'refused';
      /** HTTP status; for one record of a 207 the status its category stands for. */
      status: number;
      category: string;
      subCategory: string;
      message: string;
      /** 429 only, and not always. */
      policyName: string;
      correlationId: string;
      /** Inner codes such as PROPERTY_DOESNT_EXIST. */
      codes: string[];
      context: Record<string, string[]>;
      retryAfterMs: number | null;
    }
  /** Not sent: our own limiter held it back, and the CRM knows nothing of it. */
  | { kind: 'held'; afterMs: number; reason: string }
  /** No readable answer came. `sent` false: the request certainly never reached HubSpot. */
  | { kind: 'lost'; code: string; sent: boolean }
  /** A 2xx that names this record neither among the results nor among the errors. */
  | { kind: 'unaccounted' };

export type Refused = Extract<Failure, { kind: 'refused' }>;

export type Reply<T> = { ok: true; data: T } | { ok: false; failure: Failure };

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const texts = z.union([z.array(text), text.transform((one) => [one])]);
const context = z.record(z.string(), texts.catch([])).catch({});

/** HubSpot's documents say that every field of an error may be absent. */
const errorSchema = z.object({
  category: text.catch(''),
  subCategory: text.catch(''),
  message: text.catch(''),
  policyName: text.catch(''),
  correlationId: text.catch(''),
  context,
  errors: z.array(z.object({ code: text.catch(''), message: text.catch(''), context })).catch([]),
});

export const recordSchema = z.object({
  id: text,
  properties: z.record(z.string(), text.nullable()).catch({}),
  objectWriteTraceId: text.optional().catch(undefined),
});
export type CrmRecord = z.infer<typeof recordSchema>;

export const batchSchema = z.object({
  results: z.array(recordSchema).catch([]),
  errors: z.array(z.unknown()).catch([]),
});

/** A page of a search; `total` is required, so that an empty success that means nothing is not taken for "none". */
export const pageSchema = z.object({
  total: z.number(),
  results: z.array(recordSchema),
  paging: z.object({ next: z.object({ after: text }).nullish() }).nullish(),
});

/** An error answer of HubSpot -> Failure. `headers` in lower case; `body` parsed JSON, text, or nothing. */
export function refusal(status: number, body: unknown, headers: Record<string, string>): Failure {
  const error = errorSchema.safeParse(parsed(body)).data;
  const message = error?.message ?? '';
  return {
    kind: 'refused',
    status,
    category: error?.category ?? '',
    subCategory: error?.subCategory ?? '',
    message,
    policyName: error?.policyName ?? '',
    correlationId: error?.correlationId || (headers['x-hubspot-correlation-id'] ?? ''),
    codes: [...(error?.errors ?? []).map(({ code }) => code), ...innerCodes(message)].filter(Boolean),
    context: merged([error?.context ?? {}, ...(error?.errors ?? []).map((inner) => inner.context)]),
    retryAfterMs: retryAfter(headers['retry-after']),
  };
}

/** The client hands over the text of an answer whose status it did not expect. */
export function parsed(body: unknown): unknown {
  if (typeof body !== 'string') {
    return body;
  }
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Validation messages end in a JSON list of their own, with the codes that matter. */
function innerCodes(message: string): string[] {
  return [...message.matchAll(/"error"\s*:\s*"([A-Z_]+)"/g)].map((match) => match[1] ?? '');
}

function merged(contexts: Record<string, string[]>[]): Record<string, string[]> {
  const all: Record<string, string[]> = {};
  for (const one of contexts) {
    for (const [name, values] of Object.entries(one)) {
      all[name] = [...(all[name] ?? []), ...values];
    }
  }
  return all;
}

function retryAfter(header: string | undefined): number | null {
  const seconds = Number(header);
  return header === undefined || !Number.isFinite(seconds) || seconds < 0 ? null : seconds * 1000;
}
