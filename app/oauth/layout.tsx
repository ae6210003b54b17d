import DoorLayout from '../(auth)/layout.tsx';

/** Whoever consents by a link has no account here: the same door, without the portal behind it. */
export default DoorLayout;
