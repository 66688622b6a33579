import { type Logger, pino } from 'pino';
import { shownText } from './shown-text.ts';

export type { Logger };

/**
 * The process's logger: JSON lines on standard error, so that standard output stays free for `--json`.
 * Paths that could hold a secret or a person's data are censored even if a caller passes them by mistake.
 */
export function createLogger(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // JSON escapes the controls below the blank only; somebody will look at the log in a terminal.
      hooks: { streamWrite: shownText },
      redact: {
        paths: [
          'authorization',
          'headers',
          'token',
          'secret',
          'password',
          'accessToken',
          'access_token',
          'writeKey',
          'email',
          'body',
          '*.authorization',
          '*.headers',
          '*.token',
          '*.secret',
          '*.password',
          '*.accessToken',
          '*.access_token',
          '*.writeKey',
          '*.email',
          '*.body',
        ],
        censor: '[hidden]',
      },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** A logger that says nothing: for tests and for verbs that print their own words. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}
