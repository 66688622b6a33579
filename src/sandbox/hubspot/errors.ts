import { randomUUID } from 'node:crypto';

/** One entry of `errors` in HubSpot's standard error. */
export interface Detail {
  message: string;
  code?: string;
  context?: Record<string, string[]>;
}

/** An answer of HubSpot that is not a success; thrown by the portal, sent by the routes. */
export class HubspotError extends Error {
  readonly status: number;
  readonly category: string;
  readonly context: Record<string, string[]>;
  readonly details: Detail[];
  readonly subCategory: string | undefined;

  constructor(
    status: number,
    category: string,
    message: string,
    more: { context?: Record<string, string[]>; details?: Detail[]; subCategory?: string } = {},
  ) {
    super(message);
    this.status = status;
    this.category = category;
    this.context = more.context ?? {};
    this.details = more.details ?? [];
    this.subCategory = more.subCategory;
  }

  /** The whole answer. */
  body(): object {
    return { ...this.entry(), correlationId: randomUUID() };
  }

  /** The same as one entry of a 207's `errors`, which carries no correlation id. */
  entry(context: Record<string, string[]> = {}): object {
    return {
      status: 'error',
      category: this.category,
      ...(this.subCategory === undefined ? {} : { subCategory: this.subCategory }),
      message: this.message,
      context: { ...this.context, ...context },
      ...(this.details.length === 0 ? {} : { errors: this.details }),
    };
  }
}

export interface InvalidProperty {
  isValid: false;
  message: string;
  error: string;
  name: string;
}

/** HubSpot puts the list of what is wrong into the message, as JSON. */
export function invalidProperties(invalid: InvalidProperty[]): HubspotError {
  const details = invalid.map(({ message, error, name }) => ({
    message,
    code: error,
    context: { propertyName: [name] },
  }));
  const message = `Property values were not valid: ${JSON.stringify(invalid)}`;
  return new HubspotError(400, 'VALIDATION_ERROR', message, { details });
}

export function validation(message: string): HubspotError {
  return new HubspotError(400, 'VALIDATION_ERROR', message);
}

export function notFound(object: string, ids: string[]): HubspotError {
  const message = `Could not get some ${object} objects, they may be deleted or not exist. Check that ids are valid.`;
  return new HubspotError(404, 'OBJECT_NOT_FOUND', message, { context: { ids } });
}
