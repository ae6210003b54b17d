const firstMs = 0;
const lastMs = Date.UTC(9999, 11, 31);

/** Whether the instant is one that Postgres, JavaScript and mail all write in the same way: 1970 to 9999. */
export function isKeptTime(instant: Date): boolean {
  return instant.getTime() >= firstMs && instant.getTime() < lastMs;
}
