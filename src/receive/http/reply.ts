import type { JsonObject } from '../../shared/json.ts';
import { ELEMENTS_MAX } from './room.ts';

/** The answer to one request, as a value. `text` is for senders that parse the body. */
export interface Reply {
  status: number;
  body: JsonObject;
  headers?: Record<string, string>;
  /** The answer has no body at all. */
  bare?: true;
}

/** Seconds after which a sender may come back: the database or the configuration must recover first. */
const RETRY_AFTER = '5';
const RETRY_AFTER_OFF = '60';

export function accepted(body: JsonObject): Reply {
  return { status: 200, body };
}

/** A clear answer to bad input. `message` holds no personal data and no secrets. */
export function refused(
  status: number,
  code: string,
  message: string,
  headers?: Record<string, string>,
): Reply {
  return { status, body: { success: false, error: { code, message } }, ...(headers && { headers }) };
}

export function unauthorized(what: string): Reply {
  return refused(401, 'unauthorized', what);
}

/** The sender must keep the events and try again: nothing was stored for certain (I1). */
export function tryAgain(code: string, message: string): Reply {
  return refused(503, code, message, { 'retry-after': RETRY_AFTER });
}

/** More is held in memory than there is room for; nothing of this request was kept (I1). */
export function tooMuchAtOnce(): Reply {
  return tryAgain('too_much_at_once', 'Too much has come at once. Send it again.');
}

/** No sender puts so many elements into one request: a small body of them would fill the memory. */
export function tooManyElements(): Reply {
  return refused(413, 'too_many', `One request may hold at most ${ELEMENTS_MAX} elements.`);
}

/** A webhook receiver without its secret: 404 would make Segment throw the events away (decision 27). */
export function webhookOff(setting: string): Reply {
  return refused(503, 'receiver_off', `This receiver is off until ${setting} is set.`, {
    'retry-after': RETRY_AFTER_OFF,
  });
}

/** An SDK or list route without its key is as good as not there. */
export function routeOff(): Reply {
  return refused(404, 'not_found', 'There is no such route.');
}
