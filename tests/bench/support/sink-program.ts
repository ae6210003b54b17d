/** The sink of the bench in a process of its own: `sink-program.ts [--plain]`. */
import { startFastSink } from '#tests/servers/smtp/fast-sink.ts';
import { onTold, report } from './program.ts';

let awaited = Number.POSITIVE_INFINITY;
let arrived = 0;
let isWatched = false;

const sink = await startFastSink({
  pipelining: !process.argv.includes('--plain'),
  onMail: (messageId) => {
    arrived += 1;
    if (isWatched) report('arrived', { messageId, atMs: performance.timeOrigin + performance.now() });
    if (arrived === awaited) report('reached', { atMs: performance.timeOrigin + performance.now() });
  },
});

onTold((message) => {
  const [verb = '', value = ''] = message.split(' ');
  switch (verb) {
    case 'await':
      arrived = 0;
      awaited = Number(value);
      sink.reset();
      break;
    case 'watch':
      isWatched = true;
      break;
    case 'counts': {
      const { messageIds, ...totals } = sink.counts();
      const repeated = [...messageIds.values()].filter((times) => times > 1).length;
      report('counts', { ...totals, distinct: messageIds.size, repeated });
      break;
    }
    default:
      throw new TypeError(`The sink does not know "${message}"`);
  }
});
report('listening', { port: sink.port });
