import type { Router } from 'express';
import type { BulkJobs, IngestJob, JobRequest } from './bulk.ts';

/** Ingest jobs. jsforce and the documents write the paths of results with capitals, and without. */
export function bulkRoutes(rest: Router, jobs: BulkJobs, userId: string): void {
  rest.post('/jobs/ingest', (request, response) => {
    response.json(infoOf(jobs.create(request.body as JobRequest), userId));
  });
  rest.get('/jobs/ingest', (_request, response) => {
    const records = jobs.all().filter(({ deletedIn }) => deletedIn === null);
    response.json({ done: true, nextRecordsUrl: null, records: records.map((job) => infoOf(job, userId)) });
  });
  rest.put('/jobs/ingest/:id/batches', (request, response) => {
    jobs.upload(request.params.id, typeof request.body === 'string' ? request.body : '');
    response.status(201).end();
  });
  rest.patch('/jobs/ingest/:id', (request, response) => {
    response.json(infoOf(jobs.change(request.params.id, (request.body as { state?: string }).state), userId));
  });
  rest.get('/jobs/ingest/:id', (request, response) => {
    response.json({
      ...infoOf(jobs.check(request.params.id), userId),
      ...countsOf(jobs.get(request.params.id)),
    });
  });
  rest.delete('/jobs/ingest/:id', (request, response) => {
    jobs.remove(request.params.id);
    response.status(204).end();
  });
  const files = {
    successfulResults: 'done',
    failedResults: 'failed',
    unprocessedrecords: 'unprocessed',
  } as const;
  for (const [name, kind] of Object.entries(files)) {
    rest.get(`/jobs/ingest/:id/${name}`, (request, response) => {
      response.type('text/csv').send(jobs.results(request.params.id, kind));
    });
  }
}

function infoOf(job: IngestJob, userId: string) {
  const at = new Date(job.createdAt).toISOString().replace('Z', '+0000');
  return {
    id: job.id,
    operation: job.operation,
    object: job.object,
    ...(job.externalIdFieldName === undefined ? {} : { externalIdFieldName: job.externalIdFieldName }),
    createdById: userId,
    createdDate: at,
    systemModstamp: at,
    state: job.state,
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: 64,
    contentUrl: `services/data/v64.0/jobs/ingest/${job.id}/batches`,
    lineEnding: job.lineEnding ?? 'LF',
    columnDelimiter: job.columnDelimiter ?? 'COMMA',
  };
}

function countsOf(job: IngestJob) {
  return {
    jobType: 'V2Ingest',
    retries: 0,
    totalProcessingTime: 1,
    numberRecordsProcessed: job.done.length + job.failed.length,
    numberRecordsFailed: job.failed.length,
    ...(job.errorMessage === null ? {} : { errorMessage: job.errorMessage }),
  };
}
