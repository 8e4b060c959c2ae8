#!/usr/bin/env node
/**
 * Makes buckets and queues on a local stand-in for AWS, and writes the settings that the other
 * programs want.
 *
 *     node setup.mjs [--prefix NAME] [--env FILE]
 *
 * Against AWS itself it does nothing: there examples/aws/self-hosted.yaml makes them, private and
 * behind a CDN. Run twice, it changes nothing.
 */

import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { clients, isLocal } from './lib/aws.mjs';
import { Misconfigured, run } from './lib/failure.mjs';
import { prepare } from './lib/prepare.mjs';

await run(async () => {
  const { values } = parseArgs({
    options: { prefix: { type: 'string', default: 'videosphere' }, env: { type: 'string' } },
  });
  if (!isLocal()) {
    throw new Misconfigured(
      'AWS_ENDPOINT_URL is not set: this is for a local stand-in. On AWS deploy examples/aws/self-hosted.yaml',
    );
  }
  const lines = await prepare(clients(), { prefix: values.prefix, env: process.env });
  if (values.env) await writeFile(values.env, lines, { mode: 0o600 });
  else process.stdout.write(lines);
});
