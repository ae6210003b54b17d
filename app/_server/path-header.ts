/** Request header by which proxy.ts tells a page its own path and query; a browser's own value never passes. */
export const pathHeader = 'x-mailroom-path';
