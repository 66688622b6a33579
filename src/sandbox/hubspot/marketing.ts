import type { Router } from 'express';
import { HubspotError } from './errors.ts';
import type { Campaign, Portal } from './portal.ts';

const PAGE = 50;

/** Marketing campaigns: found by a part of their name or by id, and lists attached to them. */
export function marketingRoutes(router: Router, portal: Portal): void {
  const base = '/marketing/v3/campaigns';
  router.use(base, (_request, _response, next) => {
    if (!portal.settings.marketingHub) {
      throw new HubspotError(403, 'MISSING_SCOPES', 'This account does not have access to campaigns.', {
        context: { missingScopes: ['marketing.campaigns.read'] },
      });
    }
    next();
  });
  router.get(base, (request, response) => {
    const name = String(request.query.name ?? '').toLowerCase();
    const found = portal.campaigns.filter((campaign) => campaign.name.toLowerCase().includes(name));
    const results = found.slice(0, Number(request.query.limit ?? PAGE)).map(view);
    response.json({ total: found.length, results });
  });
  router.get(`${base}/:id`, (request, response) => {
    response.json(view(named(portal, request.params.id)));
  });
  router.put(`${base}/:id/assets/:type/:asset`, (request, response) => {
    const { id, type, asset } = request.params;
    const campaign = named(portal, id);
    if (type !== 'OBJECT_LIST') {
      throw new HubspotError(400, 'VALIDATION_ERROR', `Invalid asset type ${type}`);
    }
    portal.lists.get(asset);
    if (!campaign.lists.includes(asset)) {
      campaign.lists.push(asset);
      portal.changed({ op: 'add', object: 'campaigns', id, fields: { list: asset } });
    }
    response.status(204).end();
  });
}

function named(portal: Portal, id: string): Campaign {
  const campaign = portal.campaigns.find((one) => one.id === id);
  if (campaign === undefined) {
    throw new HubspotError(404, 'OBJECT_NOT_FOUND', `Campaign ${id} does not exist`);
  }
  return campaign;
}

function view({ id, name }: Campaign): object {
  return { id, properties: { hs_name: name }, businessUnits: [], createdAt: CREATED, updatedAt: CREATED };
}

const CREATED = '2024-01-01T00:00:00.000Z';
