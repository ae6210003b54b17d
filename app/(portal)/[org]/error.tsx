'use client';

import { PageError, type PageErrorProps } from '../../_components/page-error.tsx';

/** Keeps the frame, so that the reader can go elsewhere. */
export default function OrganizationError(props: PageErrorProps) {
  return <PageError {...props} />;
}
