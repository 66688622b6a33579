import type { Request, Response, Router } from 'express';
import { type Answer, batchArchive, batchCreate, batchRead, batchUpdate, batchUpsert } from './batches.ts';
import { objectNamed } from './definitions.ts';
import { notFound } from './errors.ts';
import type { AssociationInput, Portal } from './portal.ts';
import { type SearchRequest, search } from './search.ts';
import { recordView } from './views.ts';

type Batch = (portal: Portal, object: string, body: unknown) => Answer;

const BATCHES: Record<string, Batch> = {
  create: batchCreate,
  update: batchUpdate,
  upsert: batchUpsert,
  read: batchRead,
  archive: batchArchive,
};

/** `/crm/v3/objects/...`: batches, search, and one record at a time. */
export function objectRoutes(router: Router, portal: Portal): void {
  for (const [name, batch] of Object.entries(BATCHES)) {
    router.post(`/crm/v3/objects/:object/batch/${name}`, (request, response) => {
      const { status, body } = batch(portal, request.params.object, request.body);
      response.status(status).json(body);
    });
  }
  router.post('/crm/v3/objects/:object/search', (request, response) => {
    const object = objectNamed(request.params.object);
    const body = (request.body ?? {}) as SearchRequest & { properties?: string[] };
    const { total, records, next } = search(portal, object, body);
    const results = records.map((record) => recordView(portal, record, body.properties ?? []));
    response.json({
      total,
      results,
      ...(next === null ? {} : { paging: { next: { after: next, link: '' } } }),
    });
  });
  router.post('/crm/v3/objects/:object', (request, response) => {
    const { properties, associations } = (request.body ?? {}) as {
      properties?: Record<string, unknown>;
      associations?: AssociationInput[];
    };
    const object = objectNamed(request.params.object);
    const record = portal.create(object, properties, associations ?? []);
    response.status(201).json(recordView(portal, record, Object.keys(properties ?? {})));
  });
  router.get('/crm/v3/objects/:object', (request, response) => listRecords(portal, request, response));
  router.get('/crm/v3/objects/:object/:id', (request, response) => {
    const { record } = named(portal, request);
    response.json(recordView(portal, record, asked(request)));
  });
  router.patch('/crm/v3/objects/:object/:id', (request, response) => {
    const { object, record } = named(portal, request);
    const { properties } = (request.body ?? {}) as { properties?: Record<string, unknown> };
    const updated = portal.update(object, record.id, properties);
    response.json(recordView(portal, updated, Object.keys(properties ?? {})));
  });
  router.delete('/crm/v3/objects/:object/:id', (request, response) => {
    portal.archive(objectNamed(request.params.object), request.params.id);
    response.status(204).end();
  });
}

function listRecords(portal: Portal, request: Request<{ object: string }>, response: Response): void {
  const object = objectNamed(request.params.object);
  const limit = Number(request.query.limit ?? 10);
  const { records, next } = search(portal, object, {
    limit,
    ...(typeof request.query.after === 'string' ? { after: request.query.after } : {}),
  });
  const results = records.map((record) => recordView(portal, record, asked(request)));
  response.json({ results, ...(next === null ? {} : { paging: { next: { after: next, link: '' } } }) });
}

function named(portal: Portal, request: Request<{ object: string; id: string }>) {
  const object = objectNamed(request.params.object);
  const idProperty = request.query.idProperty;
  const record = portal.find(
    object,
    request.params.id,
    typeof idProperty === 'string' ? idProperty : undefined,
  );
  if (record === undefined) {
    throw notFound(object, [request.params.id]);
  }
  return { object, record };
}

/** `properties` comes as one list with commas, or repeated. */
function asked(request: Request<{ object: string }>): string[] {
  const { properties } = request.query;
  return [properties ?? []].flat().flatMap((one) => String(one).split(','));
}
