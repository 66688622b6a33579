import type { Router } from 'express';
import { objectNamed } from './definitions.ts';
import { HubspotError, validation } from './errors.ts';
import { madeStatus } from './gate.ts';
import { listView } from './lists.ts';
import type { Portal } from './portal.ts';

/** Account details, owners, properties and their groups. */
export function portalRoutes(router: Router, portal: Portal): void {
  router.get('/account-info/v3/details', (_request, response) => {
    const { portalId, timeZone } = portal.settings;
    response.json({
      portalId,
      accountType: 'DEVELOPER_TEST',
      timeZone,
      companyCurrency: 'USD',
      additionalCurrencies: [],
      utcOffset: '-05:00',
      utcOffsetMilliseconds: -18_000_000,
      uiDomain: 'app.hubspot.com',
      dataHostingLocation: 'na1',
    });
  });
  // What all private apps of the account have used together, as HubSpot counts it.
  router.get('/account-info/v3/api-usage/daily/private-apps', (_request, response) => {
    const { 'x-hubspot-ratelimit-daily': limit, 'x-hubspot-ratelimit-daily-remaining': left } =
      response.getHeaders();
    const now = new Date(portal.now()).toISOString();
    const counted = { currentUsage: Number(limit) - Number(left), usageLimit: Number(limit) };
    const stamps = { collectedAt: now, resetsAt: now, fetchStatus: 'SUCCESS' };
    response.json({ results: [{ name: 'private-apps-api-calls-daily', ...counted, ...stamps }] });
  });
  router.get(['/crm/v3/owners', '/crm/v3/owners/:id'], (request, response) => {
    const { email, archived } = request.query;
    if (!portal.settings.ownersScope) {
      throw new HubspotError(403, 'MISSING_SCOPES', 'This app has no scope to read owners.', {
        context: { missingScopes: ['crm.objects.owners.read'] },
      });
    }
    const owners = portal.owners
      .filter((owner) => owner.archived === (archived === 'true'))
      .filter((owner) => typeof email !== 'string' || owner.email === email)
      .map((owner) => ({ ...owner, type: 'PERSON', userId: Number(owner.id) + 1000, ...stamps() }));
    const { id } = request.params;
    const one = owners.find((owner) => owner.id === id);
    if (id !== undefined && one === undefined) {
      throw new HubspotError(404, 'OBJECT_NOT_FOUND', `Owner ${id} does not exist`);
    }
    response.json(one ?? ownerPage(owners, request.query));
  });
}

/** A hundred at most; `after` is a place in the list. */
function ownerPage(owners: object[], { after, limit }: Record<string, unknown>): object {
  const [from, size] = [Number(after ?? 0), Math.min(Number(limit ?? 100), 100)];
  const next =
    from + size < owners.length ? { paging: { next: { after: String(from + size), link: '' } } } : {};
  return { results: owners.slice(from, from + size), ...next };
}

function stamps() {
  return { createdAt: '2024-01-01T00:00:00.000Z', updatedAt: '2024-01-01T00:00:00.000Z' };
}

export function propertyRoutes(router: Router, portal: Portal): void {
  const base = '/crm/v3/properties/:object';
  const schemaOf = (object: string) => portal.schema(objectNamed(object));
  router.get(base, (request, response) => {
    response.json({ results: [...schemaOf(request.params.object).definitions.values()].map(propertyView) });
  });
  router.post(base, (request, response) => {
    response.status(201).json(propertyView(portal.define(objectNamed(request.params.object), request.body)));
  });
  router.post(`${base}/batch/create`, (request, response) => {
    const object = objectNamed(request.params.object);
    const made = inputsOf<object>(request.body).map((input) => propertyView(portal.define(object, input)));
    response.status(madeStatus(response)).json(complete(made));
  });
  router.get(`${base}/groups`, (request, response) => {
    response.json({ results: [...schemaOf(request.params.object).groups.values()].map(groupView) });
  });
  router.post(`${base}/groups`, (request, response) => {
    const { object } = request.params;
    const group = schemaOf(object).addGroup(request.body);
    portal.changed({ op: 'create', object: 'property groups', id: `${object}/${group.name}`, fields: {} });
    response.status(201).json(groupView(group));
  });
  router.get(`${base}/groups/:name`, (request, response) => {
    const { object, name } = request.params;
    response.json(groupView(present(schemaOf(object).groups.get(name), `property group ${name}`)));
  });
  router.patch(`${base}/:name`, (request, response) => {
    const { object, name } = request.params;
    const schema = schemaOf(object);
    present(schema.definitions.get(name), `property ${name}`);
    const changed = schema.change(name, request.body);
    portal.changed({ op: 'update', object: 'properties', id: `${object}/${name}`, fields: {} });
    response.json(propertyView(changed));
  });
  router.get(`${base}/:name`, (request, response) => {
    const { object, name } = request.params;
    response.json(propertyView(present(schemaOf(object).definitions.get(name), `property ${name}`)));
  });
}

/** What the specification requires of every answer, whether or not a property was made with it. */
function propertyView(definition: object): object {
  return { description: '', ...definition };
}

function groupView(group: object): object {
  return { ...group, archived: false };
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) {
    throw new HubspotError(404, 'OBJECT_NOT_FOUND', `The ${what} does not exist.`);
  }
  return value;
}

/** Associations v4: default types by pair or in batches, and reading them back. */
export function associationRoutes(router: Router, portal: Portal): void {
  const link = (from: string, fromId: string, to: string, toId: string) => {
    const [source, target] = [objectNamed(from), objectNamed(to)];
    portal.associate(source, fromId, target, toId);
    const type = portal.associations.defaultType(source, target);
    const associationSpec = { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: type };
    return { from: { id: fromId }, to: { id: toId }, associationSpec };
  };
  router.put('/crm/v4/objects/:from/:fromId/associations/default/:to/:toId', (request, response) => {
    const { from, fromId, to, toId } = request.params;
    response.json(complete([link(from, fromId, to, toId)]));
  });
  router.post('/crm/v4/associations/:from/:to/batch/associate/default', (request, response) => {
    const { from, to } = request.params;
    const pairs = inputsOf<{ from?: { id: string }; to?: { id: string } }>(request.body);
    const results = pairs.map((pair) => {
      if (pair.from === undefined || pair.to === undefined) {
        throw validation('Invalid input JSON: from and to are required');
      }
      return link(from, String(pair.from.id), to, String(pair.to.id));
    });
    response.json(complete(results));
  });
  router.post('/crm/v4/associations/:from/:to/batch/create', (request, response) => {
    const [from, to] = [objectNamed(request.params.from), objectNamed(request.params.to)];
    const pairs = inputsOf<{
      from: { id: string };
      to: { id: string };
      types: { associationTypeId: number }[];
    }>(request.body);
    const results = pairs.map((pair) => {
      const types = pair.types.map(({ associationTypeId }) => associationTypeId);
      portal.associate(from, String(pair.from.id), to, String(pair.to.id), types);
      return { fromObjectId: String(pair.from.id), toObjectId: String(pair.to.id), labels: [] };
    });
    response.status(madeStatus(response)).json(complete(results));
  });
  router.post('/crm/v4/associations/:from/:to/batch/read', (request, response) => {
    const { from, to } = request.params;
    const all = inputsOf<{ id: string; after?: string }>(request.body).map(({ id, after }) => {
      const links = linked(portal, from, id, to);
      const start = Number(after ?? 0);
      const next = start + LINKS_PAGE;
      return {
        from: { id },
        to: links.slice(start, next),
        ...(next < links.length ? { paging: { next: { after: String(next) } } } : {}),
      };
    });
    const results = all.filter((one) => one.to.length > 0);
    // Who is associated with nothing stands among the errors.
    const errors = all
      .filter((one) => one.to.length === 0)
      .map(
        (one) =>
          new HubspotError(404, 'OBJECT_NOT_FOUND', `No ${to} is associated with ${from} ${one.from.id}.`),
      );
    response.status(errors.length === 0 ? 200 : 207).json({
      ...complete(results),
      ...(errors.length === 0
        ? {}
        : { numErrors: errors.length, errors: errors.map((error) => error.entry()) }),
    });
  });
  router.get('/crm/v4/objects/:from/:fromId/associations/:to', (request, response) => {
    const { from, fromId, to } = request.params;
    response.json({ results: linked(portal, from, fromId, to) });
  });
}

/** Most associations of one record in one answer. */
const LINKS_PAGE = 500;

function linked(portal: Portal, from: string, id: string, to: string): object[] {
  return portal.associations.of(objectNamed(from), id, objectNamed(to)).map(({ toId, typeIds }) => ({
    toObjectId: Number(toId),
    associationTypes: typeIds.map((typeId) => ({ category: 'HUBSPOT_DEFINED', typeId, label: null })),
  }));
}

function inputsOf<T>(body: unknown): T[] {
  const { inputs } = (body ?? {}) as { inputs?: T[] };
  if (!Array.isArray(inputs)) {
    throw validation('Invalid input JSON: inputs is required');
  }
  return inputs;
}

function complete(results: object[]): object {
  const at = new Date().toISOString();
  return { status: 'COMPLETE', startedAt: at, completedAt: at, results };
}

export function listRoutes(router: Router, portal: Portal): void {
  const { lists } = portal;
  const exists = (id: string) => portal.table('contacts').get(id) !== undefined;
  const log = (op: 'add' | 'remove', listId: string, ids: string[]) => {
    for (const id of ids) {
      portal.changed({ op, object: 'lists', id: listId, fields: { recordId: id } });
    }
  };
  router.post('/crm/v3/lists', (request, response) => {
    const list = lists.create(request.body, portal.now());
    portal.changed({ op: 'create', object: 'lists', id: list.listId, fields: { name: list.name } });
    response.json({ list: listView(list) });
  });
  router.get('/crm/v3/lists/object-type-id/:type/name/:name', (request, response) => {
    response.json({ list: listView(lists.named(request.params.name, request.params.type)) });
  });
  router.get('/crm/v3/lists/:id', (request, response) => {
    response.json({ list: listView(lists.get(request.params.id)) });
  });
  router.delete('/crm/v3/lists/:id', (request, response) => {
    lists.delete(request.params.id);
    response.status(204).end();
  });
  router.put('/crm/v3/lists/:id/memberships/:what', (request, response) => {
    const { id, what } = request.params;
    const wanted = membershipChange(what, request.body);
    const { added, missing } = lists.add(id, wanted.add, exists, portal.now());
    const removed = lists.remove(id, wanted.remove);
    log('add', id, added);
    log('remove', id, removed);
    response.json({ recordsIdsAdded: added, recordIdsRemoved: removed, recordIdsMissing: missing });
  });
  router.get('/crm/v3/lists/:id/memberships', (request, response) => {
    const { members } = lists.get(request.params.id);
    const from = Number(request.query.after ?? 0);
    const limit = Number(request.query.limit ?? 100);
    const results = members
      .slice(from, from + limit)
      .map(({ recordId, at }) => ({ recordId, membershipTimestamp: new Date(at).toISOString() }));
    const next = from + limit < members.length ? { next: { after: String(from + limit) } } : undefined;
    response.json({ results, total: members.length, ...(next === undefined ? {} : { paging: next }) });
  });
}

function membershipChange(what: string, body: unknown): { add: unknown; remove: unknown } {
  switch (what) {
    case 'add':
      return { add: body, remove: [] };
    case 'remove':
      return { add: [], remove: body };
    case 'add-and-remove': {
      const { recordIdsToAdd, recordIdsToRemove } = (body ?? {}) as Record<string, unknown>;
      return { add: recordIdsToAdd ?? [], remove: recordIdsToRemove ?? [] };
    }
    default:
      throw new HubspotError(404, 'OBJECT_NOT_FOUND', `unknown membership change ${what}`);
  }
}
