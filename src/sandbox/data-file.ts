import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const DEBOUNCE_MS = 200;

/** Keeps one JSON value on disk: saved at most every 200 ms, replaced in one step, flushed on close. */
export class DataFile {
  private readonly file: string;
  private readonly value: () => unknown;
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();

  constructor(file: string, value: () => unknown) {
    this.file = file;
    this.value = value;
  }

  /** The value that was saved last, undefined when there is none. */
  async load(): Promise<unknown> {
    try {
      return JSON.parse(await readFile(this.file, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return undefined;
      }
      throw error;
    }
  }

  /** To be called after each change. */
  touch(): void {
    this.timer ??= setTimeout(() => {
      // A full disk must not stop the sandbox; the next change tries again, and flush() reports it.
      this.flush().catch(() => {});
    }, DEBOUNCE_MS);
  }

  async flush(): Promise<void> {
    if (this.timer !== null) {
      clearTimeout(this.timer);
      this.timer = null;
    }
    this.writing = this.writing.catch(() => {}).then(() => this.save());
    await this.writing;
  }

  private async save(): Promise<void> {
    await mkdir(dirname(this.file), { recursive: true });
    const draft = `${this.file}.new`;
    await writeFile(draft, JSON.stringify(this.value()));
    await rename(draft, this.file);
  }
}
