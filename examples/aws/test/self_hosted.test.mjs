/**
 * `self-hosted.yaml`, deployed as far as moto_server goes, and put to use: a recording becomes a
 * video in the buckets and by the queues that the stack made, with the very rights that its roles
 * give.
 *
 * Wants `MOTO_SERVER`, `CFN_LINT` and ffmpeg; `cargo xtask test` sees to them.
 */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Bed } from '../../live-origin/vod/test/bed.mjs';
import { all, assume, deploy, enforcePolicies, query } from './cloudformation.mjs';
import { read } from './template.mjs';

/** What moto has no CloudFormation for. It is linted only, and said so in README.md. */
const NOT_DEPLOYED = [
  'AWS::CloudFront::CachePolicy',
  'AWS::CloudFront::Distribution',
  'AWS::CloudFront::OriginAccessControl',
  'AWS::SecretsManager::Secret',
  'AWS::S3::BucketPolicy',
  'AWS::AutoScaling::ScalingPolicy',
  'AWS::CloudWatch::Alarm',
  'AWS::SNS::Subscription',
];

/** The template without those, and without whatever refers to them. */
function deployable(template, image) {
  const { Resources, Outputs } = structuredClone(template);
  const Parameters = { ...template.Parameters, ImageId: { Type: 'String', Default: image } };
  const missing = Object.keys(Resources).filter((name) => NOT_DEPLOYED.includes(Resources[name].Type));
  for (const name of missing) delete Resources[name];
  for (const [name, output] of Object.entries(Outputs)) {
    if (missing.some((gone) => JSON.stringify(output).includes(gone))) delete Outputs[name];
  }
  let text = JSON.stringify({ ...template, Parameters, Resources, Outputs });
  for (const name of missing) {
    text = text.replaceAll(`\${${name}}`, `not-deployed-${name}`);
    text = text.replaceAll(`\${${name}.DomainName}`, `${name}.invalid`);
    text = text.replaceAll(`{"Ref":"${name}"}`, `"arn:aws:not-deployed:::${name}"`);
  }
  return JSON.parse(text);
}

describe('self-hosted.yaml', { timeout: 300_000 }, () => {
  /** @type {Bed} */
  let bed;
  let stack;
  before(async () => {
    bed = await Bed.make();
    const images = await query(bed.proxy.url, 'ec2', { Action: 'DescribeImages', 'Owner.1': 'amazon', Version: '2016-11-15' });
    const template = deployable(await read('self-hosted.yaml'), all(images, 'imageId')[0]);
    const parameters = { CodeBucket: 'code', CloudFrontPrefixListId: 'pl-a3a144ca' };
    stack = await deploy(bed.proxy.url, { name: 'stage', template, parameters });
    stack.resources = Object.keys(template.Resources);
  });
  after(() => bed?.remove());

  test('deploys', () => {
    assert.equal(stack.status, 'CREATE_COMPLETE');
    // An ingress rule of its own has no id in moto.
    assert.deepEqual(stack.resources.filter((name) => !stack.physical[name]), ['OriginToOrigin']);
    assert.match(stack.outputs.PublishTo, /^rtmp:\/\/[\d.]+:1935\/live\/camera\?key=KEY$/);
  });

  test('each machine is told what boot.sh reads', async () => {
    const told = {
      Ingest: 'STACK ADDRESS PUBLISH_KEY_SECRET PRIMARY_ADDRESS BACKUP_ADDRESS VOD_INGEST_BUCKET VOD_QUEUE_URL',
      Primary: 'STACK ADDRESS INGEST_RANGE PEER_ADDRESS LADDER',
      Backup: 'STACK ADDRESS INGEST_RANGE PEER_ADDRESS LADDER',
      Edge: 'STACK PRIMARY_ADDRESS BACKUP_ADDRESS',
      Worker: 'VOD_QUEUE_URL VOD_INGEST_BUCKET VOD_EGRESS_BUCKET VOD_PUBLIC_URL',
    };
    for (const [name, wanted] of Object.entries(told)) {
      const LaunchTemplateId = stack.physical[`${name}Template`];
      const about = { Action: 'DescribeLaunchTemplateVersions', LaunchTemplateId, Version: '2016-11-15' };
      const [userData] = all(await query(bed.proxy.url, 'ec2', about), 'userData');
      const script = Buffer.from(userData, 'base64').toString();
      assert.ok(script.startsWith(`#!/bin/bash\nrole=${name.toLowerCase()} bundle=s3://code/videosphere.tar.gz `), name);
      // boot.test.mjs runs it.
      assert.match(script, /\n {4}\/opt\/videosphere\/boot\.sh "\$role"\n/, name);
      assert.doesNotMatch(script, /\$\{[A-Z]/, 'every name was filled in');
      const settings = [...script.matchAll(/^([A-Z_]+)=(.+)$/gm)].map(([, key]) => key);
      assert.deepEqual(settings, ['AWS_REGION', ...wanted.split(' ')], name);
    }
  });

  test('a recording becomes a video, by the rights of the roles alone', async () => {
    const { proxy } = bed;
    const { IngestBucketName, EgressBucketName, JobsUrl } = stack.outputs;
    const [ingest, worker] = [
      await assume(proxy.url, stack.physical.IngestRole),
      await assume(proxy.url, stack.physical.WorkerRole),
    ];
    await bed.fresh();
    const stacks = {
      VOD_INGEST_BUCKET: IngestBucketName,
      VOD_EGRESS_BUCKET: EgressBucketName,
      VOD_QUEUE_URL: proxy.url + new URL(JobsUrl).pathname,
    };
    const env = { ...bed.env, ...stacks };
    const file = await bed.recording('camera-1.flv', { secs: 4 });
    await enforcePolicies(proxy.url, true);
    try {
      // The worker has no business putting recordings in, nor the ingest taking videos out.
      bed.env = { ...env, ...worker };
      await assert.rejects(bed.program('upload.mjs', file, '--name', 'camera', '--keep'), /AccessDenied/);
      bed.env = { ...env, ...ingest };
      await bed.program('upload.mjs', file, '--name', 'camera');
      await assert.rejects(bed.worker(), /the worker ended/);
      assert.equal(proxy.all(/SQS GetQueueAttributes/).at(-1).status, 403);
      bed.env = { ...env, ...worker };
      const running = await bed.worker();
      await running.says(/published https?:|set aside|comes again/);
      assert.match(running.lines.join('\n'), /published https?:/);
      const noise = path.join(bed.folder, 'noise-1.flv');
      await writeFile(noise, Buffer.alloc(50_000, 'not a video'));
      bed.env = { ...env, ...ingest };
      await bed.program('upload.mjs', noise, '--name', 'camera');
      await running.says(/set aside: ffprobe/);
    } finally {
      await enforcePolicies(proxy.url, false);
    }
    bed.settings = stacks;
    assert.ok((await bed.published()).includes('camera/camera-1/index.m3u8'));
    assert.deepEqual(await bed.waiting(), [0, 0]);
  });
});
