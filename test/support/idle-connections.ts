/**
 * A process of its own that opens connections to PORT and leaves them as they are: COUNT silent ones, and as many as
 * SLOW says that send a byte of a request's body a second. Prints `open` once all stand; ends when its input does.
 */
import { connect, type Socket } from 'node:net';

const [port = '', count = '', slow = ''] = process.argv.slice(2);

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}

async function openMany(many: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < many) {
    const some = Math.min(200, many - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: some }, open))));
  }
  return sockets;
}

const idle = await openMany(Number(count));
const trickling = await openMany(Number(slow));
for (const socket of [...idle, ...trickling]) {
  socket.on('error', () => undefined);
}
for (const socket of trickling) {
  socket.write('POST /webhooks/segment HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n{');
  setInterval(() => socket.write(' '), 1000);
}
console.log('open');
process.stdin.on('end', () => process.exit(0)).resume();
