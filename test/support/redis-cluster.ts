import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { freePort } from './ports.ts';

export interface RedisCluster {
  /** All nodes, as REDIS_URL takes them. */
  url: string;
  /** SIGKILL for the master that holds the key's slot; gives its port. Its replica takes over within seconds. */
  killMasterOf(key: string): number;
  /** The port of the master that holds the key's slot now. */
  masterOf(key: string): number;
  stop(): void;
}

interface Node {
  port: number;
  process: ChildProcess;
}

/** How long (ms) a node may be silent before the others take it for dead. The default of 15 s would only make tests long. */
const NODE_TIMEOUT = 1000;

/** Three masters on loopback with one replica each. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const dir = mkdtempSync(join(tmpdir(), 'pql-redis-'));
  const nodes: Node[] = [];
  for (let i = 0; i < 6; i++) {
    nodes.push(startNode(await freePort(55_000), dir));
  }
  const cli = (port: number, ...args: string[]) =>
    execFileSync('redis-cli', ['-p', String(port), ...args], { encoding: 'utf8' });
  const [first] = nodes;
  const port = first?.port ?? 0;
  const addresses = nodes.map((node) => `127.0.0.1:${node.port}`);
  const stop = () => {
    for (const { process } of nodes) {
      process.kill('SIGKILL');
    }
    rmSync(dir, { recursive: true, force: true });
  };
  await eventually(() => nodes.every((node) => cli(node.port, 'ping') === 'PONG\n'), 30_000, 100);
  cli(port, '--cluster', 'create', ...addresses, '--cluster-replicas', '1', '--cluster-yes');
  await eventually(() => nodes.every((node) => isWhole(cli(node.port, 'cluster', 'info'))), 30_000, 100);
  const masterOf = (key: string) => {
    const living = nodes.find(({ process }) => !process.killed)?.port ?? 0;
    return holderOf(key, (...args) => cli(living, ...args));
  };
  return {
    url: addresses.map((address) => `redis://${address}`).join(','),
    stop,
    masterOf,
    killMasterOf: (key) => {
      const master = masterOf(key);
      nodes.find((node) => node.port === master)?.process.kill('SIGKILL');
      return master;
    },
  };
}

function startNode(port: number, dir: string): Node {
  const place = mkdtempSync(join(dir, 'node-'));
  const server = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', place];
  const cluster = ['--cluster-enabled', 'yes', '--cluster-node-timeout', String(NODE_TIMEOUT)];
  // A replica that was never quite up to date is a replica all the same.
  const replica = ['--cluster-replica-validity-factor', '0', '--repl-diskless-sync-delay', '0'];
  return { port, process: spawn('redis-server', [...server, ...cluster, ...replica], { stdio: 'ignore' }) };
}

function isWhole(info: string): boolean {
  return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:6');
}

/** The port of the master that holds the key, by `CLUSTER NODES`: id, address, flags, …, and from the ninth word its slots. */
function holderOf(key: string, cli: (...args: string[]) => string): number {
  const slot = Number(cli('cluster', 'keyslot', key));
  for (const line of cli('cluster', 'nodes').trim().split('\n')) {
    const [, address = '', flags = '', , , , , , ...ranges] = line.split(' ');
    const holds = ranges
      .map((range) => range.split('-').map(Number))
      .some(([from = 0, to = from]) => from <= slot && slot <= to);
    if (flags.includes('master') && !flags.includes('fail') && holds) {
      return Number(/:(\d+)@/.exec(address)?.[1]);
    }
  }
  throw new Error(`nobody holds ${key}`);
}
