import type { Failure, Refused } from './reply.ts';

/** What a refusal says, for a person. What it means for the work stands in outcomes.ts. Pure. */

/** One sentence for a person; never a header, never an e-mail address. */
export function describe(failure: Failure): string {
  switch (failure.kind) {
    case 'held':
      return failure.reason;
    case 'lost':
      return `no answer (${failure.code})`;
    case 'unaccounted':
      return 'the answer did not mention the record';
    case 'refused':
      return `HTTP ${failure.status} ${words(failure)}`;
  }
}

/** HubSpot's own words, without e-mail addresses, and the number by which its support finds the call. */
export function words(failure: Refused): string {
  const said = failure.message
    .replace(/(?<![^\s"'<>:,[\]{}])[^\s"'<>:,[\]{}]+@[^\s"'<>:,[\]{}]+/g, '[e-mail]')
    .slice(0, 500);
  const id = failure.correlationId === '' ? '' : ` (correlation ${failure.correlationId})`;
  return `${said || `HubSpot answered ${failure.status}`}${id}`;
}

/** Its inner code, else its category, else the status: in small letters. */
export function codeOf(failure: Refused): string {
  return (failure.codes[0] ?? (failure.category || `http_${failure.status}`)).toLowerCase();
}

/** The property that HubSpot names first: in the context, or in the list that ends its message. */
export function fieldOf({ context, message }: Refused): { field?: string } {
  const field = context.propertyName?.[0] ?? /"name"\s*:\s*"([^"]+)"/.exec(message)?.[1];
  return field === undefined ? {} : { field };
}

/** Scopes that a refusal names; [] when it names none. */
export function missingScopes(failure: Failure): string[] {
  return failure.kind === 'refused'
    ? (failure.context.missingScopes ?? failure.context.requiredGranularScopes ?? [])
    : [];
}

/** The same for the end of a sentence. */
export function scopes(failure: Refused): string {
  const missing = missingScopes(failure);
  return missing.length === 0 ? '' : ` (${missing.join(', ')})`;
}
