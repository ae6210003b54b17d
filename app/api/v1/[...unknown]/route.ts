import { portalServices } from '#app/_server/services.ts';
import { DomainError } from '#lib/errors.ts';
import { problemResponse } from '#lib/api/problem.ts';
import { refusalOf } from '../api-route.ts';

function notFound(): Response {
  const error = new DomainError('not_found', 'The API has no such address.');
  return problemResponse(refusalOf(error), portalServices().settings.portalUrl);
}

export { notFound as GET, notFound as POST, notFound as PUT, notFound as PATCH, notFound as DELETE };
