/** Words of the clients of PostgreSQL and Redis, and of our own queue, that come without a code and quote nothing. */
const HARMLESS =
  /^(Connection (terminated|is closed)|Client (was closed|has encountered)|timeout ex|Query read timeout|the queue )/;

/**
 * Why something failed, for the log: the code where there is one (PostgreSQL's, Node's), such words as quote nothing, else the error's
 * name. Any other message may hold what a sender sent, or a password.
 */
export function causeOf(error: unknown): string {
  const { code, name, message } = Object(error) as Record<'code' | 'name' | 'message', unknown>;
  if (typeof code === 'string') {
    return code;
  }
  return typeof message === 'string' && HARMLESS.test(message) ? message : String(name ?? 'unknown');
}
