import { isJsonObject, type JsonObject } from '../../shared/json.ts';

/**
 * The elements of a body, whichever of the four shapes it has: one object; an array (Webhooks in batch mode);
 * an array of `{"json": …}` (Extensible Webhook); `{"batch": […]}` (SDKs, Destination Functions), whose
 * context is merged below that of each element. An object that is itself a call and holds a batch of calls is all of them.
 */
export function elementsOf(body: unknown): unknown[] {
  if (Array.isArray(body)) {
    return body.map(unwrap);
  }
  if (isJsonObject(body) && Array.isArray(body.batch) && (!isCall(body) || body.batch.some(isCall))) {
    const { batch: _, ...own } = body;
    const shared = isJsonObject(body.context) ? body.context : null;
    const elements = body.batch.map(unwrap).map((element) => withContext(element, shared));
    return isCall(body) ? [own, ...elements] : elements;
  }
  return [unwrap(body)];
}

function isCall(element: unknown): boolean {
  return isJsonObject(element) && typeof element.type === 'string';
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
