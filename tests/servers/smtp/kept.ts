import { afterEach } from 'vitest';

interface Closable {
  close(): Promise<void>;
}

/** Returns a function that notes servers and transports and closes them, the last first, after each test. */
export function closeAfterEach(): <T extends Closable>(thing: T) => T {
  const open: Closable[] = [];
  afterEach(async () => {
    for (const thing of open.splice(0).toReversed()) await thing.close();
  });
  return (thing) => {
    open.push(thing);
    return thing;
  };
}
