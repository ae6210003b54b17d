import { portalServices } from '#app/_server/services.ts';
import { refuseMethod } from '../api-route.ts';
import { describeApi } from '#lib/api/describe-api.ts';

export const dynamic = 'force-dynamic';

/** The description of the API (OpenAPI 3.1), for everyone. */
export function GET(): Response {
  return Response.json(describeApi(portalServices().settings));
}

const refused = refuseMethod('GET');
export { refused as POST, refused as PUT, refused as PATCH, refused as DELETE };
