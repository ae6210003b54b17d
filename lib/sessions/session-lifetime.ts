/** How long a session lasts after its sign-in, in seconds: 12 hours, a working day. */
export const sessionLifetimeSeconds = 12 * 3600;
