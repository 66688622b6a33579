import { clockOf } from '../../accounts/zone.ts';
import { readInstant } from '../../events/instant.ts';
import type { ConfigProblem } from '../../shared/config-file.ts';
import { ALWAYS, type BusinessHours } from './business-hours.ts';
import type { HandoffFile } from './names.ts';
import { type BusinessHoursConfig, spansOf, weekdaysOf } from './schema.ts';

export function businessHours(id: string, { timezone, open, holidays }: BusinessHoursConfig): BusinessHours {
  const weekdays = Array.from({ length: 7 }, (_, weekday) =>
    Object.entries(open)
      .filter(([range]) => weekdaysOf(range).includes(weekday))
      .flatMap(([, text]) => spansOf(text))
      .sort((a, b) => a.from - b.from),
  );
  return { id, timezone, offset: clockOf(timezone) ?? ALWAYS.offset, weekdays, holidays: new Set(holidays) };
}

export function hoursProblems({ value, problem }: HandoffFile): ConfigProblem[] {
  return Object.entries(value.hours).flatMap(([id, { timezone, open, holidays }]) => {
    const at = (...path: PropertyKey[]) => ['hours', id, ...path];
    return [
      ...(clockOf(timezone) === null
        ? [problem(at('timezone'), timezone, 'an IANA time zone, such as Europe/Berlin')]
        : []),
      ...(Object.keys(open).length === 0
        ? [problem(at('open'), 'no hours', 'some hours, such as mon-fri: 09:00-17:00')]
        : []),
      ...Object.entries(open).flatMap(([range, text]) =>
        spansOf(text)
          .filter(({ from, to }) => from >= to)
          .map(() =>
            problem(
              at('open', range),
              text,
              'times that end after they begin; a night is two parts of two days',
            ),
          ),
      ),
      ...overlapping(open).map((range) =>
        problem(at('open', range), range, 'hours that no other line has for the same day'),
      ),
      ...holidays.flatMap((date, i) =>
        readInstant(date) !== null ? [] : [problem(at('holidays', i), date, 'a date that the calendar has')],
      ),
    ];
  });
}

/** Ranges of which a part lies inside another line's, or inside another part of their own. */
function overlapping(open: BusinessHoursConfig['open']): string[] {
  const all = Object.entries(open).flatMap(([range, text]) =>
    weekdaysOf(range).flatMap((weekday) => spansOf(text).map((span) => ({ range, weekday, ...span }))),
  );
  const twice = all.filter((one, i) =>
    all.some(
      (other, j) => j < i && other.weekday === one.weekday && other.from < one.to && one.from < other.to,
    ),
  );
  return [...new Set(twice.map(({ range }) => range))];
}
