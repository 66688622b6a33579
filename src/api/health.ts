import { Router } from 'express';
import type { Registry } from 'prom-client';

export interface Health {
  /** Rejects while the database cannot be reached, or has no schema yet: events could not be stored. */
  database: () => Promise<void>;
  queue: () => Promise<'ok' | 'degraded'>;
  /** `degraded`: newer files are broken, and the last good ones are in force (I11). */
  configuration: () => 'ok' | 'degraded';
  /** The process is on its way out: whoever shares out requests shall pass it over. */
  stopping: () => boolean;
  metrics: Registry;
}

/** `/healthz`, `/readyz`, `/metrics`. A queue that is down, or broken new files, degrade the service and do not take it out. */
export function healthRoutes(health: Health): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.json({ ok: true });
  });
  router.get('/readyz', async (_request, response) => {
    const database = await health.database().then(
      () => 'ok',
      () => 'unreachable',
    );
    const queue = await health.queue();
    const stopping = health.stopping();
    const ready = database === 'ok' && !stopping;
    const configuration = health.configuration();
    response.status(ready ? 200 : 503).json({ ready, stopping, database, queue, configuration });
  });
  router.get('/metrics', async (_request, response) => {
    const text = await health.metrics.metrics();
    response.type(health.metrics.contentType).send(text);
  });
  return router;
}
