// A parent that holds a program by the tether and says its process group: tether.test.ts kills it.
import { spawnTethered } from '#db/tether.ts';

const tethered = spawnTethered('sleep', ['600'], { stopSignal: 'TERM' });
process.stdout.write(`group ${tethered.pid}\n`);
await tethered.exited;
