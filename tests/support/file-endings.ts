const endings: (() => Promise<unknown>)[] = [];

/** Notes what is to end with the test file that has begun it. Files share a process: what is left goes on into the next. */
export function endWithFile(end: () => Promise<unknown>): void {
  endings.push(end);
}

/** Ends what the file has begun, the last first and each whatever happens to the others. */
export async function endFile(): Promise<void> {
  const faults: unknown[] = [];
  for (const end of endings.splice(0).toReversed()) await end().catch((error: unknown) => faults.push(error));
  if (faults.length > 0) throw faults[0];
}
