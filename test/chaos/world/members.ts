import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface MemberOptions {
  name: string;
  role: 'receive' | 'work' | 'schedule';
  program: string;
  environment: NodeJS.ProcessEnv;
  logs: string;
  /** Told when the process ends and nobody killed it. */
  onDeath: (what: string) => void;
}

const SKEW = join(import.meta.dirname, '../skew.ts');
/** As a supervisor does: how long (ms) until a process that ended by itself is started again. */
const RESTART = 1000;

/** One process of the deployment. It is started again when it ends, until the run is over. */
export class Member {
  readonly name: string;
  private readonly options: MemberOptions;
  private child: ChildProcess | null = null;
  private skewed = false;
  /** It has said that it is ready, and runs. */
  ready = false;
  /** Faults of one process come one after the other. */
  private turn: Promise<unknown> = Promise.resolve();

  constructor(options: MemberOptions) {
    this.name = options.name;
    this.options = options;
  }

  start(skewMs = 0): void {
    const { name, role, program, environment, logs, onDeath } = this.options;
    const log = createWriteStream(join(logs, `${name}.log`), { flags: 'a' });
    const skewed = skewMs === 0 ? [] : ['--import', SKEW];
    const child = spawn(process.execPath, [...skewed, program, 'start', '--role', role], {
      env: { ...environment, CHAOS_SKEW_MS: String(skewMs) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => {
        log.write(text);
        this.ready ||= this.child === child && text.includes('"msg":"ready"');
      });
    }
    child.once('close', () => log.end());
    this.child = child;
    this.skewed = skewMs !== 0;
    child.once('exit', (code, signal) => {
      if (this.child === child) {
        this.child = null;
        this.ready = false;
        onDeath(`${name} ended by itself (${signal ?? code})`);
        setTimeout(() => this.child ?? this.start(), RESTART);
      }
    });
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = null;
    this.ready = false;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
  }

  /** Gives it the right time again, if it has another. */
  async straighten(): Promise<void> {
    if (this.skewed) {
      await this.restart(0);
    }
  }

  restart(downFor: number, skewMs = 0): Promise<void> {
    return this.next(async () => {
      await this.kill();
      await sleep(downFor);
      this.start(skewMs);
    });
  }

  /** As a machine that swaps, or a virtual one that is moved: nothing runs, and all connections stay. */
  freeze(forMs: number): Promise<void> {
    return this.next(async () => {
      const { child } = this;
      child?.kill('SIGSTOP');
      await sleep(forMs);
      child?.kill('SIGCONT');
    });
  }

  private next(work: () => Promise<void>): Promise<void> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => {});
    return done;
  }
}
