/** "14:00" in the reader's zone, of an ISO 8601 moment. */
export function hourWord(iso: string): string {
  return new Date(iso).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}
