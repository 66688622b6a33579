import { createTransport, type Transporter } from 'nodemailer';
import { oneLine } from '../shared/shown-text.ts';
import { SECOND } from '../shared/time.ts';

export interface Mail {
  /** Name and address apart, so that neither can pose as a header. */
  from: { name: string; address: string };
  to: string;
  subject: string;
  text: string;
  html: string;
  /** The same mail always has the same: servers that look for repeats find them by it. */
  messageId: string;
}

export type Posted =
  | { state: 'sent' }
  /** Certainly not sent. `permanent`: the server will not take it later either. */
  | { state: 'refused'; permanent: boolean; reason: string }
  /** The connection ended before the server's answer: perhaps sent. */
  | { state: 'uncertain'; reason: string };

export interface Mailer {
  /** Connects and logs in; null: the server is there. Else why not, in words. */
  check(): Promise<string | null>;
  send(mail: Mail): Promise<Posted>;
  close(): void;
}

const CONNECT = 10 * SECOND;
const ANSWER = 30 * SECOND;

/**
 * Mail by SMTP. With a password the connection is encrypted, or none is made; on this machine it need not be. Nothing in a mail is read
 * from a file or an address.
 */
export function smtpMailer(url: string): Mailer {
  const { protocol, hostname, port, username, password } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
  const secure = protocol === 'smtps:';
  const transport = createTransport({
    host,
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && user !== '' && !isHere(host),
    ...(user === '' ? {} : { auth: { user, pass } }),
    connectionTimeout: CONNECT,
    greetingTimeout: CONNECT,
    socketTimeout: ANSWER,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const wordsOf = (error: unknown) => withoutSecrets(error as SmtpError, [pass, user]);
  return {
    check: () => transport.verify().then(() => null, wordsOf),
    send: (mail) => post(transport, mail, wordsOf),
    close: () => transport.close(),
  };
}

function isHere(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

type SmtpError = Error & { code?: string; responseCode?: number; response?: string };

/** Failures before anything of the mail went out. */
const BEFORE = new Set(['EDNS', 'EAUTH', 'ETLS', 'EENVELOPE', 'ECONFIG', 'ECONNREFUSED']);

async function post(
  transport: Transporter,
  mail: Mail,
  wordsOf: (error: unknown) => string,
): Promise<Posted> {
  try {
    const { to, ...rest } = mail;
    await transport.sendMail({ ...rest, to: { name: '', address: to } });
    return { state: 'sent' };
  } catch (error) {
    const { code = '', responseCode } = error as SmtpError;
    const reason = wordsOf(error);
    return responseCode !== undefined || BEFORE.has(code)
      ? { state: 'refused', permanent: (responseCode ?? 0) >= 500 && code !== 'EAUTH', reason }
      : { state: 'uncertain', reason };
  }
}

const REASON_MAX = 300;

/** A server may say back what it was sent. */
function withoutSecrets({ message, response }: SmtpError, secrets: readonly string[]): string {
  const forms = secrets
    .filter((one) => one !== '')
    .flatMap((one) => [one, Buffer.from(one).toString('base64'), encodeURIComponent(one)]);
  const said = forms.reduce((text, one) => text.replaceAll(one, '[hidden]'), response ?? message);
  return oneLine(said).slice(0, REASON_MAX);
}
