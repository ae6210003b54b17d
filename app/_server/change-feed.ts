import { readChangeToken } from '#lib/overview/read-change-token.ts';
import { databaseTrouble } from '#lib/database-trouble.ts';
import { portalServices } from './services.ts';

/** What a page hears: its data is old, or the database stopped or began to answer. */
export type FeedEvent = 'changed' | 'database_away' | 'database_back';

type Listener = (event: FeedEvent) => void;

interface Feed {
  readonly listeners: Set<Listener>;
  token: string | null;
  isAway: boolean;
}

declare global {
  // One poll per organization and process, however many bundles hold a copy of this module.
  var mailroomFeeds: Map<string, Feed> | undefined;
}

const pollEveryMs = 1000;

/**
 * Tells `listener` when something of the organization has changed. One poll per organization and process serves all
 * pages; it ends with its last listener. A listener that comes while the database is away hears so at once.
 */
export function listenToChanges(organizationId: string, listener: Listener): () => void {
  const feeds = (globalThis.mailroomFeeds ??= new Map<string, Feed>());
  let feed = feeds.get(organizationId);
  if (feed === undefined) {
    feed = { listeners: new Set(), token: null, isAway: false };
    feeds.set(organizationId, feed);
    void pollWhileHeard(organizationId, feed, feeds);
  }
  const { listeners } = feed;
  listeners.add(listener);
  if (feed.isAway) listener('database_away');
  return () => void listeners.delete(listener);
}

async function pollWhileHeard(organizationId: string, feed: Feed, feeds: Map<string, Feed>): Promise<void> {
  do {
    await pollOnce(organizationId, feed);
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs));
  } while (feed.listeners.size > 0);
  feeds.delete(organizationId);
}

async function pollOnce(organizationId: string, feed: Feed): Promise<void> {
  const { database, log } = portalServices();
  try {
    const token = await readChangeToken(database, organizationId);
    if (feed.isAway) tell(feed, 'database_back');
    feed.isAway = false;
    if (feed.token !== null && feed.token !== token) tell(feed, 'changed');
    feed.token = token;
  } catch (error) {
    if (feed.isAway) return;
    log.warn({ err: error, organizationId }, 'The event stream cannot read what has changed');
    feed.isAway = databaseTrouble(error) !== null;
    if (feed.isAway) tell(feed, 'database_away');
  }
}

function tell(feed: Feed, event: FeedEvent): void {
  for (const listener of feed.listeners) listener(event);
}
