import { isJsonObject, type JsonObject } from '../../shared/json.ts';

/**
 * The elements of a body, whichever of the four shapes it has: one object; an array (Webhooks in batch mode);
 * an array of `{"json": …}` (Extensible Webhook); `{"batch": […]}` (SDKs, Destination Functions), whose
 * context is merged below that of each element.
 */
export function elementsOf(body: unknown): unknown[] {
  if (Array.isArray(body)) {
    return body.map(unwrap);
  }
  if (isJsonObject(body) && Array.isArray(body.batch) && typeof body.type !== 'string') {
    const shared = isJsonObject(body.context) ? body.context : null;
    return body.batch.map(unwrap).map((element) => withContext(element, shared));
  }
  return [unwrap(body)];
}

function unwrap(element: unknown): unknown {
  if (!isJsonObject(element) || !isJsonObject(element.json)) {
    return element;
  }
  return Object.keys(element).length === 1 ? element.json : element;
}

function withContext(element: unknown, shared: JsonObject | null): unknown {
  if (shared === null || !isJsonObject(element)) {
    return element;
  }
  const own = isJsonObject(element.context) ? element.context : {};
  return { ...element, context: { ...shared, ...own } };
}
