import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface Received {
  /** Of the envelope. */
  to: string[];
  /** As it came over the wire, with long lines whole again. */
  raw: string;
}

/** What the server does to mails from now on. `lose`: takes the mail and ends the connection without an answer. */
export type Mood = 'take' | 'refuse' | 'refuse_for_now' | 'lose';

/** A mail server on this machine, on a free port or a given one, which keeps what it takes and sends nothing on. */
export interface MailServer {
  url: string;
  port: number;
  received: Received[];
  mood: Mood;
  close(): Promise<void>;
}

export async function mailServer({ port = 0, password = '' } = {}): Promise<MailServer> {
  const sockets = new Set<Socket>();
  const server = new SMTPServer({
    authOptional: password === '',
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    closeTimeout: 100,
    onAuth: (auth, _session, done) =>
      auth.password === password
        ? done(null, { user: auth.username })
        : done(Object.assign(new Error(`no: ${auth.password}`), { responseCode: 535 })),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mood } = mail;
        if (mood === 'take' || mood === 'lose') {
          const to = session.envelope.rcptTo.map(({ address }) => address);
          // As it reads: long lines are folded on their way.
          mail.received.push({ to, raw: Buffer.concat(chunks).toString().replaceAll('=\r\n', '') });
        }
        if (mood === 'lose') {
          for (const socket of sockets) {
            socket.destroy();
          }
        } else {
          done(mood === 'take' ? null : refusal(mood));
        }
      });
    },
  });
  server.on('error', () => {});
  server.server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: own } = server.server.address() as AddressInfo;
  const mail: MailServer = {
    url: `smtp://${password === '' ? '' : `pql:${password}@`}127.0.0.1:${own}`,
    port: own,
    received: [],
    mood: 'take',
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return mail;
}

function refusal(mood: Mood): Error {
  return mood === 'refuse'
    ? Object.assign(new Error('we want no such mail'), { responseCode: 554 })
    : Object.assign(new Error('come again'), { responseCode: 451 });
}
