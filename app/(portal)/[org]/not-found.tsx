import { NoSuchPage } from '../../_components/no-such-page.tsx';

/** Keeps the frame, so that the reader can go elsewhere. */
export default function OrganizationNotFound() {
  return <NoSuchPage />;
}
