import { DAY, SECOND } from '../shared/time.ts';
import { corrected, type Day } from '../sync/budget.ts';
import type { BudgetRecord } from '../sync/calls.ts';
import type { Counters } from './counters.ts';

/** How often (ms) the count is written down at most, and how old ours may be before what others wrote is read. */
const NOTE_EVERY = 2 * SECOND;

/**
 * The day's calls of one portal or org. The counter is shared and counts every call as it goes out; the headers of every
 * answer correct it. Exact but for the calls under way at the moment.
 */
export class DayCount {
  private readonly counters: Counters;
  private readonly record: BudgetRecord;
  private readonly key: string;
  private readonly now: () => number;
  private told: (Day & { toldAt: number }) | null = null;
  private readAt = Number.NEGATIVE_INFINITY;
  private reading: Promise<void> | null = null;
  private notedAt = Number.NEGATIVE_INFINITY;

  constructor(counters: Counters, record: BudgetRecord, key: string, now: () => number) {
    this.counters = counters;
    this.record = record;
    this.key = key;
    this.now = now;
  }

  /** As an answer last told it, here or in another process; null: none did since the count started anew. */
  async known(): Promise<Day | null> {
    if (this.now() - Math.max(this.told?.toldAt ?? this.readAt, this.readAt) > NOTE_EVERY) {
      this.reading ??= this.read();
    }
    await this.reading;
    return this.told === null || this.now() >= this.told.until ? null : this.told;
  }

  /** Once for all who ask meanwhile: who did not wait would know of no limit. */
  private async read(): Promise<void> {
    const noted = await this.record.read().catch(() => null);
    this.told = (noted?.toldAt ?? 0) > (this.told?.toldAt ?? 0) ? noted : this.told;
    this.readAt = this.now();
    this.reading = null;
  }

  /** The same, as far as the shared counter is now; written down where that has not been done since the last answer. */
  async counted(): Promise<Day | null> {
    const day = await this.known();
    if (day === null) {
      return null;
    }
    const now = { ...day, used: (await this.counters.get(this.key)) ?? day.used };
    if ((this.told?.toldAt ?? 0) > this.notedAt) {
      await this.note(now.used);
    }
    return now;
  }

  /** Counts one call and gives where the count stands with it. */
  count(): Promise<number> {
    return this.counters.add(this.key, 1, this.seconds());
  }

  /** The call was not made after all. */
  async uncount(): Promise<void> {
    await this.counters.add(this.key, -1, this.seconds());
  }

  /** @param counted where the count stood when the call went out that was answered so */
  async tell(day: Day, counted: number): Promise<void> {
    const now = this.now();
    const isNews = this.told === null || this.told.max !== day.max || day.used >= day.max;
    this.told = { ...day, toldAt: now };
    const used = corrected(day.used, counted);
    if (used !== null) {
      await this.counters.set(this.key, used, this.seconds());
    }
    if (isNews || now - this.notedAt >= NOTE_EVERY) {
      await this.note(day.used);
    }
  }

  private async note(used: number): Promise<void> {
    this.notedAt = this.now();
    await (this.told === null ? null : this.record.note({ ...this.told, used }).catch(() => {}));
  }

  private seconds(): number {
    const now = this.now();
    const until = this.told === null || this.told.until <= now ? now + DAY : this.told.until;
    return (until - now) / SECOND;
  }
}
