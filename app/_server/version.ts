import manifest from '../../package.json' with { type: 'json' };

/** Version of this Mailroom, as its package says it. */
export const portalVersion: string = manifest.version;
