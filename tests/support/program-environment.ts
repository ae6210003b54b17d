/** What every program of ours that a test starts gets of this process's environment, which must not leak into it. */
export const programEnvironment: Readonly<Record<string, string | undefined>> = {
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  // Programs that start by the dozen need not read and compile the same files each time.
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
};
