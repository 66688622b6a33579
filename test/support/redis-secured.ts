import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { freePort } from './ports.ts';

export interface SecuredRedis {
  /** Of a user who may do all that we do and no more, over TLS. */
  url: string;
  /** The certificate's own, which no machine knows. */
  ca: string;
  /** Takes INFO away from that user. */
  forbidInfo(): void;
  stop(): void;
}

export const USER = 'pql';
/** What must be escaped in a URL. */
export const PASSWORD = 'p@ss/word#1';

/** What docs/scaling.md says that our user needs; `cluster` only where there is one. */
const RIGHTS = ['~{pql}*', '~pql:*', '&*', '+@all', '-@dangerous', '+info'];
/** Who sets the server up; the service is never this one. */
const ADMIN = 'admin';

/**
 * A Redis that speaks nothing but TLS, with a certificate for the name `localhost` (and for no address), and lets nobody in but
 * a user with the least rights that do, and its administrator. `cluster`: one node that holds all slots, and tells its name.
 */
export async function startSecuredRedis(cluster: boolean): Promise<SecuredRedis> {
  const dir = mkdtempSync(join(tmpdir(), 'pql-redis-tls-'));
  const port = await freePort(cluster ? 50_000 : undefined);
  const [key, ca] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const files = ['-keyout', key, '-out', ca];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...subject],
    {
      stdio: 'ignore',
    },
  );
  const listen = [
    '--port',
    '0',
    '--tls-port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--dir',
    dir,
  ];
  const tls = [
    '--tls-cert-file',
    ca,
    '--tls-key-file',
    key,
    '--tls-ca-cert-file',
    ca,
    '--tls-auth-clients',
    'no',
  ];
  const users = [
    '--user',
    'default',
    'off',
    '--user',
    USER,
    'on',
    `>${PASSWORD}`,
    ...RIGHTS,
    ...(cluster ? ['+cluster'] : []),
    '--user',
    ADMIN,
    'on',
    `>${PASSWORD}`,
    '~*',
    '+@all',
  ];
  const named = ['--cluster-announce-hostname', 'localhost', '--cluster-preferred-endpoint-type', 'hostname'];
  const slots = cluster ? ['--cluster-enabled', 'yes', '--tls-cluster', 'yes', ...named] : [];
  const server = spawn('redis-server', [...listen, ...tls, ...users, ...slots], { stdio: 'ignore' });
  const cli = (...args: string[]) => {
    const as = [
      '--tls',
      '--cacert',
      ca,
      '-h',
      'localhost',
      '--user',
      ADMIN,
      '--pass',
      PASSWORD,
      '--no-auth-warning',
    ];
    return execFileSync('redis-cli', ['-p', String(port), ...as, ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
  };
  await eventually(() => cli('ping').includes('PONG'), 10_000, 100);
  if (cluster) {
    cli('cluster', 'addslotsrange', '0', '16383');
    await eventually(() => cli('cluster', 'info').includes('cluster_state:ok'), 10_000, 100);
  }
  const one = `rediss://${USER}:${encodeURIComponent(PASSWORD)}@localhost:${port}`;
  return {
    url: cluster ? `${one},${one}` : one,
    ca,
    forbidInfo: () => void cli('acl', 'setuser', USER, '-info'),
    stop: () => {
      server.kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
