export { freePort } from '#db/loopback-port.ts';
