import { isJsonObject } from '../../shared/json.ts';

/**
 * The elements of a streaming body: one object (the default), an array, or what customers' templates wrap
 * around them, `{"event": {…}}` and `{"events": […]}`.
 */
export function eventsOf(body: unknown): unknown[] {
  if (Array.isArray(body)) {
    return body.map(unwrap);
  }
  if (isJsonObject(body) && Array.isArray(body.events) && body.event_type === undefined) {
    return body.events;
  }
  return [unwrap(body)];
}

/** A cohort body is one message; an array of them is taken too. */
export function cohortsOf(body: unknown): unknown[] {
  return Array.isArray(body) ? body : [body];
}

function unwrap(element: unknown): unknown {
  return isJsonObject(element) && element.event_type === undefined && isJsonObject(element.event)
    ? element.event
    : element;
}
