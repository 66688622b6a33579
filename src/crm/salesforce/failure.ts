import { type Failure, UNACCOUNTED } from './outcomes.ts';

/** One entry of a collection answer, or of an error body. jsforce types say errorCode, the wire says statusCode. */
export interface WireError {
  statusCode?: string;
  errorCode?: string;
  message?: string;
  fields?: string[];
  duplicateResult?: { matchResults?: { matchRecords?: { record?: { Id?: string } }[] }[] };
}

export function failureOfRecord(errors: readonly WireError[] | undefined): Failure {
  const [first] = errors ?? [];
  return {
    code: first?.statusCode ?? first?.errorCode ?? UNACCOUNTED.code,
    message: (errors ?? []).map((error) => error.message ?? '').join('; ') || 'refused without a reason',
    fields: first?.fields ?? [],
    duplicateIds: (errors ?? []).flatMap(duplicateIds),
  };
}

function duplicateIds(error: WireError): string[] {
  const records = error.duplicateResult?.matchResults?.flatMap((match) => match.matchRecords ?? []) ?? [];
  return records.map(({ record }) => record?.Id).filter((id) => id !== undefined);
}

interface Thrown {
  name?: string;
  message?: string;
  errorCode?: string;
  code?: string;
  data?: unknown;
  cause?: { code?: string };
}

/** Connection attempts that were refused before anything could be sent: nothing was written. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/**
 * Whatever jsforce throws, as one shape. Its errors carry no HTTP status and no exported class: the code is
 * `errorCode`, for token errors the name, for transport errors the cause.
 */
export function failureOf(error: unknown): Failure {
  const thrown = unwrapped((error ?? {}) as Thrown);
  const code = codeOf(thrown);
  const data = Array.isArray(thrown.data)
    ? (thrown.data[0] as WireError | undefined)
    : (thrown.data as WireError | undefined);
  const fields = typeof data === 'object' && Array.isArray(data?.fields) ? data.fields : [];
  const named = typeof data === 'object' && data !== null ? duplicateIds(data) : [];
  return { code, message: messageOf(code, thrown), fields, duplicateIds: named };
}

/** Asked for the raw text of a file, jsforce gives the raw text of an error too. */
function unwrapped(thrown: Thrown): Thrown {
  if (!/^ERROR_HTTP_/.test(thrown.errorCode ?? '') || !thrown.message?.startsWith('[')) {
    return thrown;
  }
  try {
    const [first] = JSON.parse(thrown.message) as Thrown[];
    return typeof first?.errorCode === 'string' ? { ...first, data: first } : thrown;
  } catch {
    return thrown;
  }
}

function codeOf(thrown: Thrown): string {
  if (thrown.name === 'AbortError' || thrown.name === 'TimeoutError') {
    return 'TIMEOUT';
  }
  if (thrown.errorCode !== undefined) {
    // Several errors at once: the first says what to do, as it does for a record.
    const [first] = Array.isArray(thrown.data) ? (thrown.data as WireError[]) : [];
    return (first?.errorCode ?? first?.statusCode ?? thrown.errorCode).replace(/^sf:/, '');
  }
  const transport = thrown.cause?.code ?? thrown.code;
  if (transport !== undefined) {
    return NEVER_SENT.has(transport) ? 'REFUSED' : 'NETWORK';
  }
  return thrown.name === 'TypeError' || thrown.name === 'Error' || thrown.name === undefined
    ? 'NETWORK'
    : thrown.name;
}

/** An HTML page of a gateway is of no use to anybody. */
function messageOf(code: string, thrown: Thrown): string {
  if (code === 'TIMEOUT') {
    return 'no answer within the time limit';
  }
  if (code === 'NETWORK' || code === 'REFUSED') {
    const detail = thrown.cause?.code ?? thrown.code;
    // jsforce stumbles over a success that is a page, or empty.
    return thrown.name === 'TypeError' && detail === undefined && thrown.cause === undefined
      ? 'gave an answer that cannot be understood'
      : `connection failed (${detail ?? thrown.message ?? 'no detail'})`;
  }
  const message = thrown.message ?? '';
  return message === '' || /<html/i.test(message) ? `answered ${code} without a message` : message;
}
