import type { Clock } from '../../shared/clock.ts';
import { delimiterOf, readUpload, type Upload, valuesOf, writeResults } from './bulk-csv.ts';
import { type Org, SfError } from './org.ts';
import { createRecord, updateRecord, upsertRecord } from './write.ts';

/** How jobs behave that are closed from now on; a test may change it while the sandbox runs. */
export interface BulkSettings {
  /** Checks that a closed job answers before it is complete; infinite: it never is. */
  checks: number;
  /** The job ends as Failed with this message, after so many of its rows. */
  fails: { message: string; after: number } | null;
  /** The job completes, and so many of its last rows were never looked at. */
  unprocessed: number;
}

export type JobState = 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted';

export interface JobRequest {
  object: string;
  operation: string;
  externalIdFieldName?: string;
  lineEnding?: string;
  columnDelimiter?: string;
}

export interface IngestJob extends JobRequest {
  id: string;
  state: JobState;
  createdAt: number;
  errorMessage: string | null;
  content: string | null;
  checksLeft: number;
  columns: string[];
  done: Record<string, string>[];
  failed: Record<string, string>[];
  unprocessed: Record<string, string>[];
  /** The state in which somebody deleted it; null: nobody did. */
  deletedIn: JobState | null;
}

const OPERATIONS = ['insert', 'update', 'upsert', 'delete'];
const ENDED: readonly JobState[] = ['JobComplete', 'Failed', 'Aborted'];

/** Ingest jobs of Bulk API 2.0: created, filled once, closed, then run by the org in its own time. */
export class BulkJobs {
  readonly settings: BulkSettings = { checks: 1, fails: null, unprocessed: 0 };
  private readonly jobs = new Map<string, IngestJob>();
  private readonly org: Org;
  private readonly clock: Clock;

  constructor(org: Org, clock: Clock) {
    this.org = org;
    this.clock = clock;
  }

  all(): IngestJob[] {
    return [...this.jobs.values()];
  }

  /** Internal batches of 10,000 rows that jobs have cost. */
  batches(): number {
    return this.all().reduce(
      (sum, { done, failed }) => sum + Math.ceil((done.length + failed.length) / 10_000),
      0,
    );
  }

  create(request: JobRequest): IngestJob {
    const { object, operation, externalIdFieldName } = request;
    if (!OPERATIONS.includes(operation)) {
      throw new SfError('INVALIDJOB', `Operation ${operation} is not supported`);
    }
    const known = [...this.org.objects.keys()].includes(object);
    if (!known) {
      throw new SfError('INVALIDENTITY', `Entity '${object}' is not supported by the Bulk API.`);
    }
    const by = this.org
      .visibleFields(this.org.object(object))
      .find(({ name }) => name === externalIdFieldName);
    if (operation === 'upsert' && by?.externalId !== true && externalIdFieldName !== 'Id') {
      throw new SfError(
        'INVALIDJOB',
        `Field name provided, ${externalIdFieldName} is not an External ID field`,
      );
    }
    const job: IngestJob = {
      ...request,
      id: `750${String(this.jobs.size + 1).padStart(12, '0')}AAA`,
      state: 'Open',
      createdAt: this.clock.now(),
      errorMessage: null,
      content: null,
      checksLeft: 0,
      columns: [],
      done: [],
      failed: [],
      unprocessed: [],
      deletedIn: null,
    };
    this.jobs.set(job.id, job);
    return job;
  }

  get(id: string): IngestJob {
    const job = this.jobs.get(id);
    if (job === undefined || job.deletedIn !== null) {
      throw new SfError('NOT_FOUND', 'The requested resource does not exist');
    }
    return job;
  }

  upload(id: string, csv: string): void {
    const job = this.get(id);
    if (job.state !== 'Open') {
      throw new SfError('INVALIDJOBSTATE', `Job ${id} is in state ${job.state}: content cannot be uploaded`);
    }
    if (job.content !== null) {
      throw new SfError(
        'INVALIDJOB',
        `Found multiple contents for job: <${id}>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on a given Job.`,
      );
    }
    job.content = csv;
  }

  change(id: string, state: string | undefined): IngestJob {
    const job = this.get(id);
    if (state === 'UploadComplete' && job.state === 'Open') {
      job.state = 'UploadComplete';
      job.checksLeft = this.settings.checks;
      return job;
    }
    if (state === 'Aborted' && !ENDED.includes(job.state)) {
      job.state = 'Aborted';
      return job;
    }
    throw new SfError('INVALIDJOBSTATE', `Job ${id} is in state ${job.state}: it cannot become ${state}`);
  }

  /** Looking moves a job on, as time would. */
  check(id: string): IngestJob {
    const job = this.get(id);
    if (job.state === 'UploadComplete' || job.state === 'InProgress') {
      if (job.checksLeft > 0) {
        job.checksLeft -= 1;
        job.state = 'InProgress';
      } else {
        this.run(job);
      }
    }
    return job;
  }

  remove(id: string): void {
    const job = this.get(id);
    const { state } = job;
    job.deletedIn = state;
    if (state === 'Open' || state === 'InProgress') {
      throw new SfError('INVALIDJOBSTATE', `Job ${id} is in state ${state}: abort it before it is deleted`);
    }
  }

  results(id: string, kind: 'done' | 'failed' | 'unprocessed'): string {
    const job = this.get(id);
    if (!ENDED.includes(job.state)) {
      throw new SfError('INVALIDJOBSTATE', `Job ${id} is in state ${job.state}: it has no results yet`);
    }
    const own = { done: ['sf__Id', 'sf__Created'], failed: ['sf__Id', 'sf__Error'], unprocessed: [] }[kind];
    return writeResults([...own, ...job.columns], job[kind], delimiterOf(job.columnDelimiter ?? 'COMMA'));
  }

  private run(job: IngestJob): void {
    try {
      const upload = this.read(job);
      job.columns = upload.columns;
      this.process(job, upload);
      job.state = this.settings.fails === null ? 'JobComplete' : 'Failed';
      job.errorMessage = this.settings.fails?.message ?? null;
    } catch (error) {
      const { code, message } = error as SfError;
      job.state = 'Failed';
      job.errorMessage = `${code} : ${message}`;
    }
  }

  private read(job: IngestJob): Upload {
    const upload = readUpload(job.content ?? '', delimiterOf(job.columnDelimiter ?? 'COMMA'));
    const known = new Set(this.org.visibleFields(this.org.object(job.object)).map(({ name }) => name));
    const unknown = upload.columns.find((name) => !known.has(name));
    if (unknown !== undefined) {
      job.columns = upload.columns;
      job.unprocessed = upload.rows;
      throw new SfError('InvalidBatch', `Field name not found : ${unknown}`);
    }
    return upload;
  }

  /** Rows run in batches side by side: results stand in no order that anybody promised, here the reverse. */
  private process(job: IngestJob, { rows }: Upload): void {
    const looked = this.settings.fails?.after ?? rows.length - this.settings.unprocessed;
    job.unprocessed = rows.slice(looked).reverse();
    const key = job.operation === 'upsert' ? (job.externalIdFieldName ?? '') : 'Id';
    const times = Map.groupBy(rows, (row) => row[key] ?? '');
    for (const row of rows.slice(0, looked).reverse()) {
      try {
        if (job.operation === 'upsert' && (times.get(row[key] ?? '')?.length ?? 0) > 1) {
          throw new SfError('DUPLICATE_VALUE', `Duplicate external id specified: ${row[key]}`, [key]);
        }
        const { id, created } = this.write(job, valuesOf(this.org, job.object, row));
        job.done.push({ ...row, sf__Id: id, sf__Created: String(created) });
      } catch (error) {
        job.failed.push({ ...row, sf__Id: row.Id ?? '', sf__Error: wordsOf(error as SfError) });
      }
    }
  }

  private write(job: IngestJob, values: Record<string, unknown>): { id: string; created: boolean } {
    const { org } = this;
    const { object } = job;
    switch (job.operation) {
      case 'insert':
        return { id: createRecord(org, object, values, {}).Id, created: true };
      case 'upsert': {
        const { record, created } = upsertRecord(org, object, job.externalIdFieldName ?? '', values, {});
        return { id: record.Id, created };
      }
      case 'delete':
        org.remove(object, String(values.Id));
        return { id: String(values.Id), created: false };
      default:
        return { id: updateRecord(org, object, String(values.Id), values, {}).Id, created: false };
    }
  }
}

/** `REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --` */
function wordsOf({ code, message, fields }: SfError): string {
  return `${code ?? 'UNKNOWN_EXCEPTION'}:${message}:${fields?.length > 0 ? fields.join(',') : ''} --`;
}
