import type { Services } from '../context.ts';

const restBytes = 1_048_576;

/** What a request may have: the largest message in base64, and room for everything around it. */
export function requestLimitBytes(settings: Services['settings']): number {
  return Math.ceil(settings.maxMessageBytes * 1.4) + restBytes;
}
