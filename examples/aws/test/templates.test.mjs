/**
 * All templates: the linter has nothing to say, and they keep the promises of README.md. Wants
 * `CFN_LINT`; `cargo xtask test` sees to it.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { test } from 'node:test';
import { isDeepStrictEqual, promisify } from 'node:util';
import vm from 'node:vm';
import { CFN_LINT, NAMES, deciding, folder, read, refusals } from './template.mjs';

/** Every object in a template, with the path to it. */
function* objects(value, path = []) {
  if (value === null || typeof value !== 'object') return;
  yield [path, value];
  for (const [key, inner] of Object.entries(value)) yield* objects(inner, [...path, key]);
}

const resources = (template, type) => Object.entries(template.Resources).filter(([, { Type }]) => Type === type);

test('the linter finds nothing, information included', async () => {
  const all = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  assert.deepEqual(all, NAMES.toSorted(), 'all of them');
  const args = ['--include-checks', 'I', '--', ...all];
  const { stdout } = await promisify(execFile)(CFN_LINT, args, { cwd: folder }).catch((error) => error);
  assert.equal(stdout, '');
});

/** Whether a load balancer passes on what has these headers and nothing else. */
function isAsked(template, headers) {
  const asked = resources(template, 'AWS::ElasticLoadBalancingV2::ListenerRule').map(([, { Properties }]) => {
    return Properties.Conditions.map(({ HttpHeaderConfig }) => [HttpHeaderConfig.HttpHeaderName, HttpHeaderConfig.Values]);
  });
  const sent = headers.map(({ HeaderName, HeaderValue }) => [HeaderName, [HeaderValue]]);
  return asked.length > 0 && asked.every((rule) => isDeepStrictEqual(rule, sent));
}

for (const name of NAMES) {
  test(`${name}: parameters and outputs are explained, nothing is secret, nothing is open`, async () => {
    const template = await read(name);
    assert.ok((await stat(folder + name)).size <= 51_200, 'a larger template has to be put into a bucket first');
    for (const [key, { Description, Type, Default, NoEcho }] of Object.entries(template.Parameters)) {
      assert.ok(Description?.length > 15 || /^Edges at/.test(Description), `${key} is explained`);
      if (/key|secret|password/i.test(key) && Type === 'String' && key !== 'CodeKey') assert.ok(NoEcho && !Default, key);
    }
    for (const [key, { Description }] of Object.entries(template.Outputs)) assert.ok(Description, `${key} is explained`);
    assert.ok(Object.keys(template.Outputs).some((key) => key.endsWith('Url')), 'a person gets an address');
    assert.doesNotMatch(JSON.stringify(template), /AKIA[A-Z0-9]{16}|MediaStore|BEGIN [A-Z ]*PRIVATE/);

    for (const [key, { Properties }] of resources(template, 'AWS::S3::Bucket')) {
      assert.deepEqual(Object.values(Properties.PublicAccessBlockConfiguration), [true, true, true, true], key);
      assert.ok(Properties.BucketEncryption, key);
    }
    for (const [path, { Effect, Action, Resource, Principal, Condition }] of objects(template)) {
      if (Effect !== 'Allow') continue;
      const actions = [Action].flat();
      assert.ok(actions.every((action) => !action.includes('*')), `${path}: ${actions}`);
      const isTrust = actions.includes('sts:AssumeRole');
      assert.ok(isTrust || (Resource && Resource !== '*'), `${path} names its resources`);
      assert.notEqual(Principal, '*', `${path}`);
      // Whoever else uses CloudFront is not us.
      if (Principal?.Service === 'cloudfront.amazonaws.com') assert.ok(Condition.StringEquals['aws:SourceArn'], `${path}`);
    }
    for (const [key, { Properties }] of resources(template, 'AWS::CloudFront::Distribution')) {
      const { DefaultCacheBehavior, Origins } = Properties.DistributionConfig;
      // By default; a person may choose otherwise.
      const policy = DefaultCacheBehavior.ViewerProtocolPolicy;
      assert.equal(policy['Fn::If']?.[2] ?? policy, 'redirect-to-https', key);
      for (const origin of Origins) {
        if (!origin.OriginAccessControlId) assert.ok(isAsked(template, origin.OriginCustomHeaders), `${key}: an origin answers nobody else`);
      }
    }
  });
}

test('self-hosted.yaml: every door has one side only', async () => {
  const template = await read('self-hosted.yaml');
  const doors = (name) => template.Resources[name].Properties.SecurityGroupIngress ?? [];
  const from = (name) => doors(name).map((door) => door.SourceSecurityGroupId?.Ref ?? door.SourcePrefixListId?.Ref ?? door.CidrIp.Ref);
  assert.deepEqual(from('IngestGroup'), ['ContributorCidr']);
  assert.deepEqual(from('OriginGroup'), ['IngestGroup', 'EdgeGroup']);
  assert.deepEqual(from('EdgeGroup'), ['BalancerGroup']);
  assert.deepEqual(from('BalancerGroup'), ['CloudFrontPrefixListId']);
  assert.deepEqual(from('WorkerGroup'), []);
  for (const [key, { Properties }] of resources(template, 'AWS::EC2::LaunchTemplate')) {
    assert.equal(Properties.LaunchTemplateData.MetadataOptions.HttpTokens, 'required', key);
  }
  // Whoever reaches the load balancer past our distribution gets no further.
  assert.equal(template.Resources.Listener.Properties.DefaultActions[0].FixedResponseConfig.StatusCode, '403');
});

test('self-hosted.yaml: a machine that fails goes, another comes, and the stack waits until there is one', async () => {
  const template = await read('self-hosted.yaml');
  for (const [key, { Properties }] of resources(template, 'AWS::EC2::LaunchTemplate')) {
    const { InstanceInitiatedShutdownBehavior, BlockDeviceMappings } = Properties.LaunchTemplateData;
    assert.equal(InstanceInitiatedShutdownBehavior, 'terminate', key);
    const [{ DeviceName, Ebs }] = deciding(template)(BlockDeviceMappings);
    assert.equal(DeviceName, '/dev/xvda', key);
    assert.ok(Ebs.VolumeSize >= 20, `${key}: the image's own disk has no room for a cache`);
  }
  const groups = resources(template, 'AWS::AutoScaling::AutoScalingGroup');
  const waited = groups.filter(([, group]) => group.CreationPolicy?.ResourceSignal.Count === 1).map(([key]) => key);
  assert.deepEqual(waited.toSorted(), groups.map(([key]) => key).filter((key) => key !== 'Workers').toSorted());
  for (const [key, { Properties }] of resources(template, 'AWS::IAM::Role')) {
    const names = Properties.ManagedPolicyArns.map((arn) => arn['Fn::Sub'].split('/').at(-1));
    assert.deepEqual(names, ['AmazonSSMManagedEC2InstanceDefaultPolicy'], key);
    const signals = [...objects(Properties)].some(([, { Action }]) => Action === 'cloudformation:SignalResource');
    assert.equal(signals, key !== 'WorkerRole', key);
  }
});

test('self-hosted.yaml: every alarm does something, and what is wrong reaches whoever is to know', async () => {
  const template = await read('self-hosted.yaml');
  const does = resources(template, 'AWS::CloudWatch::Alarm').map(([key, { Properties }]) => [key, Properties.AlarmActions.map(({ Ref }) => Ref)]);
  assert.deepEqual(Object.fromEntries(does), {
    JobsWait: ['MoreWorkers'],
    NoJobs: ['NoWorkers'],
    NobodyWorks: ['Notices'],
    JobsLate: ['Notices'],
    JobsFailed: ['Notices'],
    NoEdge: ['Notices'],
  });
  for (const key of ['Ingest', 'Primary', 'Backup']) {
    const [{ TopicARN, NotificationTypes }] = template.Resources[key].Properties.NotificationConfigurations;
    assert.deepEqual([TopicARN, NotificationTypes[0]], [{ Ref: 'Notices' }, 'autoscaling:EC2_INSTANCE_TERMINATE'], key);
  }
  const { NoticesByMail } = template.Resources;
  for (const [OperatorEmail, told] of [['', false], ['a@b.example', true]]) {
    assert.match(OperatorEmail, new RegExp(template.Parameters.OperatorEmail.AllowedPattern));
    assert.equal(deciding(template, { OperatorEmail })({ Condition: NoticesByMail.Condition }), told);
  }
});

test('self-hosted.yaml: workers that do not come up stay few, and are noticed', async () => {
  const { Resources } = await read('self-hosted.yaml');
  /** Whether an alarm's expression crosses its threshold; CloudWatch's functions are near enough to JavaScript's. */
  const rings = (name, metrics) => {
    const { Metrics, Threshold } = Resources[name].Properties;
    const { Expression } = Metrics.find(({ ReturnData }) => ReturnData);
    const given = Metrics.filter(({ MetricStat }) => MetricStat).map(({ Id }) => Id);
    for (const metric of Object.keys(metrics)) assert.ok(given.includes(metric), `${name} measures ${metric}`);
    const functions = { IF: (when, one, other) => (when ? one : other), FILL: (value, missing) => value ?? missing };
    return vm.runInNewContext(Expression.replaceAll(' AND ', ' && '), { ...functions, ...metrics }) >= Threshold;
  };
  assert.equal(rings('JobsWait', { waiting: 3, working: undefined, wanted: undefined }), true, 'the first worker');
  assert.equal(rings('JobsWait', { waiting: 3, working: 0, wanted: 1 }), false, 'it is starting, or never comes up');
  assert.equal(rings('JobsWait', { waiting: 2, working: 1, wanted: 1 }), true, 'it works, so another helps');
  assert.equal(rings('JobsWait', { waiting: 0, working: 1, wanted: 1 }), false, 'nothing waits');
  assert.equal(rings('NobodyWorks', { waiting: 1, working: undefined }), true);
  assert.equal(rings('NobodyWorks', { waiting: 1, working: 1 }), false);
  assert.equal(rings('NobodyWorks', { waiting: 0, working: 0 }), false);
});

test('who asked for what is logged, and forgotten after a while; disks and queues are encrypted', async () => {
  for (const name of NAMES) {
    const template = await read(name);
    const { Logs, LogsPolicy, ...others } = template.Resources;
    const [rule] = Logs.Properties.LifecycleConfiguration.Rules;
    assert.deepEqual([rule.Status, rule.ExpirationInDays], ['Enabled', { Ref: 'KeepLogsDays' }], name);
    const prefixes = [];
    for (const [key, { Type, Properties }] of Object.entries(others)) {
      const what = `${name}: ${key}`;
      if (Type === 'AWS::CloudFront::Distribution') {
        const { Bucket, Prefix } = Properties.DistributionConfig.Logging;
        assert.deepEqual(Bucket, { 'Fn::GetAtt': ['Logs', 'RegionalDomainName'] }, what);
        prefixes.push(Prefix);
      }
      if (Type === 'AWS::S3::Bucket') {
        const { DestinationBucketName, LogFilePrefix } = Properties.LoggingConfiguration;
        assert.deepEqual(DestinationBucketName, { Ref: 'Logs' }, what);
        assert.match(LogFilePrefix, /^s3\/\w+\/$/, what);
        prefixes.push(LogFilePrefix);
      }
      if (Type === 'AWS::ElasticLoadBalancingV2::LoadBalancer') {
        const attributes = Object.fromEntries(Properties.LoadBalancerAttributes.map(({ Key, Value }) => [Key, Value]));
        assert.equal(attributes['access_logs.s3.enabled'], 'true', what);
        assert.deepEqual(attributes['access_logs.s3.bucket'], { Ref: 'Logs' }, what);
        prefixes.push(attributes['access_logs.s3.prefix']);
      }
      if (Type === 'AWS::SQS::Queue') assert.equal(Properties.SqsManagedSseEnabled, true, what);
      if (Type === 'AWS::EC2::LaunchTemplate') {
        const [disk] = deciding(template)(Properties.LaunchTemplateData.BlockDeviceMappings);
        assert.equal(disk.Ebs.Encrypted, true, what);
      }
    }
    assert.equal(new Set(prefixes).size, prefixes.length, `${name}: each in a place of its own`);
    // Buckets and balancers write where the policy lets them.
    const statements = LogsPolicy?.Properties.PolicyDocument.Statement ?? [];
    const places = statements.map(({ Resource }) => Resource['Fn::Sub'].replace('${Logs.Arn}/', '').replace(/\*$/, ''));
    for (const prefix of prefixes.filter((its) => /^(s3|balancer)/.test(its))) {
      assert.ok(places.some((place) => place.startsWith(prefix) || prefix.startsWith(place)), `${name}: ${prefix}`);
    }
  }
});

test('a page on another site may ask first, wherever video comes from', async () => {
  for (const name of ['ivs.yaml', 'self-hosted.yaml']) {
    const { Resources } = await read(name);
    for (const [key, { Properties }] of resources({ Resources }, 'AWS::CloudFront::Distribution')) {
      const { DefaultCacheBehavior, CacheBehaviors = [], Origins } = Properties.DistributionConfig;
      for (const { AllowedMethods, OriginRequestPolicyId } of [DefaultCacheBehavior, ...CacheBehaviors]) {
        assert.ok(AllowedMethods.includes('OPTIONS'), `${name}: ${key}`);
        // CORS-S3Origin: without it what is asked does not reach whoever is to answer.
        assert.equal(OriginRequestPolicyId, '88a5eaf4-2fd4-4709-b370-b4c650ea3fcf', `${name}: ${key}`);
      }
      for (const { DomainName } of Origins.filter((origin) => origin.S3OriginConfig)) {
        const [bucket] = DomainName['Fn::GetAtt'];
        const [{ AllowedMethods, AllowedHeaders, MaxAge }] = Resources[bucket].Properties.CorsConfiguration.CorsRules;
        assert.deepEqual([AllowedMethods, AllowedHeaders, MaxAge], [['GET', 'HEAD'], ['*'], 86_400], bucket);
      }
    }
  }
});

test('live streams: one place asks the origin, whatever the number of viewers', async () => {
  for (const [name, distribution] of [['media.yaml', 'Distribution'], ['self-hosted.yaml', 'LiveDistribution']]) {
    const { Resources } = await read(name);
    const [{ OriginShield }] = Resources[distribution].Properties.DistributionConfig.Origins;
    assert.deepEqual(OriginShield, { Enabled: true, OriginShieldRegion: { Ref: 'AWS::Region' } }, name);
  }
});

test('ivs.yaml: the playlist of a recording that still grows is not kept', async () => {
  const { Resources } = await read('ivs.yaml');
  const { CacheBehaviors } = Resources.Distribution.Properties.DistributionConfig;
  const { CachePolicyId } = CacheBehaviors.find(({ PathPattern }) => PathPattern === '*.m3u8');
  assert.ok(Resources[CachePolicyId.Ref].Properties.CachePolicyConfig.MaxTTL <= 5);
});

test('media.yaml: CloudFront passes on what a playlist is asked by, and logs can be listed', async () => {
  const { Resources } = await read('media.yaml');
  const { CachePolicyConfig } = Resources.Caching.Properties;
  const { QueryStrings } = CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin.QueryStringsConfig;
  for (const asked of ['_HLS_msn', '_HLS_part', '_HLS_skip', 'aws.manifestsettings', 'start', 'end']) {
    assert.ok(QueryStrings.includes(asked), asked);
  }
  const statements = [...objects(Resources.EncoderRole)].map(([, value]) => value);
  const lists = statements.find(({ Action }) => [Action].flat().includes('logs:DescribeLogGroups'));
  // One group by name is not what is asked for.
  assert.match(lists.Resource['Fn::Sub'], /:logs:\$\{AWS::Region\}:\$\{AWS::AccountId\}:\*$/);
});

test('media.yaml: ladders go down, with even sides, and keep a shape', async () => {
  const { Mappings, Parameters, Resources } = await read('media.yaml');
  const names = ['First', 'Second', 'Third', 'Fourth'];
  for (const profile of Parameters.Profile.AllowedValues) {
    const rungs = names.map((name) => [Mappings.Width, Mappings.Height, Mappings.MaxBps].map((map) => map[profile][name]));
    const used = profile.startsWith('flat') ? rungs.slice(0, 3) : rungs;
    used.forEach(([width, height, bps], at) => {
      assert.ok(width % 2 === 0 && height % 2 === 0);
      assert.ok(Math.abs(width / height - used[0][0] / used[0][1]) < 0.01, `${profile}: ${width}x${height}`);
      if (at) assert.ok(height < used[at - 1][1] && bps < used[at - 1][2]);
    });
  }
  assert.deepEqual(names.slice(0, 3).map((name) => Mappings.Height['flat-1080p'][name]), [1080, 720, 540]);
  assert.equal(Mappings.Height['sphere-2160p'].First, 2160);
  const { VideoDescriptions, OutputGroups } = Resources.Channel.Properties.EncoderSettings;
  const videos = VideoDescriptions.map((video) => video['Fn::If']?.[1] ?? video);
  assert.ok(videos.every((video) => video.ScalingBehavior === 'STRETCH_TO_OUTPUT'), 'no bars in a sphere');
  const outputs = OutputGroups[0].Outputs.map((output) => output['Fn::If']?.[1] ?? output);
  assert.deepEqual(outputs.map(({ VideoDescriptionName }) => VideoDescriptionName).filter(Boolean), videos.map(({ Name }) => Name));
  for (const kind of ['HlsManifests', 'LowLatencyHlsManifests', 'DashManifests']) {
    assert.equal(Resources.Endpoint.Properties[kind].length, 1, kind);
  }
});

/** What a person has to say for each kind of input, on either class of channel. */
const FLOWS = ['arn:aws:mediaconnect:eu-central-1:1:flow:1-a:one', 'arn:aws:mediaconnect:eu-central-1:1:flow:1-b:two'];
const GIVEN = {
  RTMP_PUSH: { StreamName: 'live/0123456789abcdef' },
  RTP_PUSH: {},
  URL_PULL: { PullUrl: 'https://a.example/a.m3u8' },
  MEDIACONNECT: { MediaConnectFlowArn: FLOWS[0], SecondMediaConnectFlowArn: FLOWS[1] },
};

test('media.yaml: every input feeds as many encoders as the channel has, and two of them keep step', async () => {
  const template = await read('media.yaml');
  const { Input, EncoderRole, Channel } = template.Resources;
  assert.deepEqual(Object.keys(GIVEN), template.Parameters.InputType.AllowedValues);
  for (const ChannelClass of template.Parameters.ChannelClass.AllowedValues) {
    const encoders = ChannelClass === 'STANDARD' ? 2 : 1;
    for (const [InputType, given] of Object.entries(GIVEN)) {
      const what = `${InputType}, ${ChannelClass}`;
      const parameters = { ChannelClass, InputType, ...given };
      assert.deepEqual(refusals(template, parameters), [], what);
      const decide = deciding(template, parameters);
      const { Destinations, Sources, MediaConnectFlows, InputSecurityGroups, RoleArn } = decide(Input.Properties);
      const flows = MediaConnectFlows?.map(({ FlowArn }) => FlowArn);
      // Each in its own list, the others absent; RTP has its two addresses unasked.
      const sides = { RTMP_PUSH: Destinations, URL_PULL: Sources, MEDIACONNECT: flows };
      for (const [type, side] of Object.entries(sides)) {
        assert.equal(side?.length, type === InputType ? encoders : undefined, `${what}: ${type}`);
      }
      assert.equal(InputSecurityGroups?.length, InputType.endsWith('_PUSH') ? 1 : undefined, what);

      // The input's role has its rights as soon as it is there: no policy comes later.
      const policies = decide(EncoderRole.Properties.Policies);
      const onFlows = policies.find(({ PolicyName }) => PolicyName === 'flow')?.PolicyDocument.Statement[0].Resource;
      assert.deepEqual(onFlows, flows, what);
      assert.deepEqual(RoleArn, flows && { 'Fn::GetAtt': ['EncoderRole', 'Arn'] }, what);
      assert.deepEqual(resources(template, 'AWS::IAM::RolePolicy'), [], what);

      const { GlobalConfiguration, VideoDescriptions } = decide(Channel.Properties.EncoderSettings);
      const { OutputLockingMode, OutputLockingSettings } = GlobalConfiguration;
      assert.equal(OutputLockingMode, encoders === 2 ? 'PIPELINE_LOCKING' : undefined, what);
      // Cameras send no time code.
      const method = OutputLockingSettings?.PipelineLockingSettings.PipelineLockingMethod;
      assert.equal(method, encoders === 2 ? 'VIDEO_ALIGNMENT' : undefined, what);
      // A rate of its own, which MediaPackage and locking want.
      for (const { Name, CodecSettings } of VideoDescriptions) {
        const { FramerateControl, FramerateNumerator, FramerateDenominator } = CodecSettings.H264Settings;
        assert.deepEqual([FramerateControl, FramerateNumerator, FramerateDenominator], ['SPECIFIED', 30, 1], `${what}: ${Name}`);
      }
    }
  }
  for (const FrameRate of template.Parameters.FrameRate.AllowedValues) {
    const [{ CodecSettings }] = deciding(template, { FrameRate })(Channel.Properties.EncoderSettings.VideoDescriptions);
    const { FramerateNumerator, FramerateDenominator } = CodecSettings.H264Settings;
    assert.ok(Math.abs(FramerateNumerator / FramerateDenominator - Number(FrameRate)) < 0.01, FrameRate);
  }
});

test('media.yaml: what an input wants is asked for', async () => {
  const template = await read('media.yaml');
  const flows = { ChannelClass: 'STANDARD', InputType: 'MEDIACONNECT', MediaConnectFlowArn: FLOWS[0] };
  const refused = [
    [{ InputType: 'RTMP_PUSH' }, /StreamName/],
    [{ InputType: 'URL_PULL' }, /PullUrl/],
    [{ InputType: 'MEDIACONNECT' }, /MediaConnectFlowArn/],
    [flows, /wants SecondMediaConnectFlowArn/],
    [{ ...flows, SecondMediaConnectFlowArn: FLOWS[0] }, /another flow/],
  ];
  for (const [parameters, why] of refused) {
    const said = refusals(template, parameters);
    assert.equal(said.length, 1, `${said}`);
    assert.match(said[0], why);
  }
  assert.deepEqual(refusals(template, { ...flows, ChannelClass: 'SINGLE_PIPELINE' }), []);
});

test('player.yaml: the bare address leads to the page with the stream in it', async () => {
  const { Resources, Parameters } = await read('player.yaml');
  const code = Resources.FillIn.Properties.FunctionCode['Fn::Sub'];
  const stream = 'https://d1.cloudfront.net/live/a.m3u8?x=1&y=2';
  const filled = (highQuality) => code.replaceAll('${StreamUrl}', stream).replaceAll('${HighQualityStreamUrl}', highQuality);
  const call = (uri, highQuality = '') => {
    const script = `${filled(highQuality)}; JSON.stringify(handler(${JSON.stringify({ request: { uri } })}))`;
    return JSON.parse(vm.runInNewContext(script));
  };
  const { statusCode, headers } = call('/', 'https://d1.cloudfront.net/live/4k.m3u8');
  assert.equal(statusCode, 302);
  const leadsTo = new URL(headers.location.value, 'https://page.example');
  assert.equal(leadsTo.pathname, '/demo/');
  assert.equal(leadsTo.searchParams.get('url'), stream);
  assert.equal(leadsTo.searchParams.get('hq'), 'https://d1.cloudfront.net/live/4k.m3u8');
  assert.equal(new URL(call('/').headers.location.value, 'https://page.example').searchParams.get('hq'), null);
  assert.deepEqual(call('/demo/'), { uri: '/demo/index.html' });
  assert.deepEqual(call('/index.js'), { uri: '/index.js' });
  assert.equal(call('/streams.json').body, '[]');
  // What a person types goes into a string of that code.
  const allowed = new RegExp(Parameters.StreamUrl.AllowedPattern);
  assert.match(stream, allowed);
  for (const bad of ["https://a/';evil()//", 'https://a/\\', 'javascript:1', 'http://a/b', 'https://a/\nb', 'https://a/"', 'https://a/`']) {
    assert.doesNotMatch(bad, allowed, bad);
  }
});
