/**
 * `boot.sh`, and the user data of self-hosted.yaml that runs it, with the system's programs replaced
 * by ones that only write down what they were asked: what it configures is checked by nginx itself.
 *
 * Wants `LIVE_ORIGIN` (the program), `CFN_LINT` and nginx with its RTMP module; `cargo xtask test`
 * sees to them.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { folder, read } from './template.mjs';

const run = promisify(execFile);

/** What user data writes, with names that need no looking up. */
const SETTINGS = {
  ingest: { ADDRESS: 'eipalloc-1', PUBLISH_KEY_SECRET: 'arn:secret', PRIMARY: '127.0.0.1', BACKUP: '127.0.0.2' },
  primary: { ADDRESS: 'eipalloc-2', PEER: '127.0.0.2', INGEST_RANGE: '10.20.0.0/16', LADDER: 'full' },
  backup: { ADDRESS: 'eipalloc-3', PEER: '127.0.0.1', INGEST_RANGE: '10.20.0.0/16', LADDER: 'small' },
  edge: { PRIMARY: '127.0.0.1', BACKUP: '127.0.0.2' },
  worker: { VOD_QUEUE_URL: 'https://sqs/jobs', VOD_INGEST_BUCKET: 'recordings', VOD_EGRESS_BUCKET: 'videos' },
};

describe('boot.sh', () => {
  let tmp;
  before(async () => {
    tmp = await mkdtemp(path.join(os.tmpdir(), 'videosphere-boot-'));
    // The bundle, as bundle.sh lays it out.
    const bundle = path.join(tmp, 'opt');
    await mkdir(path.join(bundle, 'bin'), { recursive: true });
    await mkdir(path.join(bundle, 'examples/live-origin'), { recursive: true });
    await symlink(process.env.LIVE_ORIGIN, path.join(bundle, 'bin/live-origin'));
    for (const name of ['boot.sh', 'follow.sh']) await cp(path.join(folder, name), path.join(bundle, name));
    const origin = path.join(folder, '../live-origin');
    for (const name of ['nginx', 'vod']) await symlink(path.join(origin, name), path.join(bundle, 'examples/live-origin', name));
    // Programs of a machine that is to be left alone.
    await mkdir(path.join(tmp, 'bin'));
    const stub = (name, body = '') => writeFile(path.join(tmp, 'bin', name), `#!/bin/bash\necho "${name} $*" >>"$CALLS"\n${body}\n`, { mode: 0o755 });
    await stub('systemctl', 'exit "${REFUSAL:-0}"');
    for (const name of ['useradd', 'chown', 'id', 'sleep', 'shutdown']) await stub(name);
    // The mirror fails as often as this file says.
    await stub('apt-get', 'left=$(cat "$FAILURES" 2>/dev/null); if [ "${left:-0}" -gt 0 ]; then echo $((left - 1)) >"$FAILURES"; exit 100; fi');
    await stub('dpkg', '[ "$1" != --status ]');
    await stub('runuser', 'shift 3; exec "$@"');
    await stub('curl', 'case "$*" in *127.0.0.1*) [ -z "${SILENT-}" ];; *) echo i-0123;; esac');
    await stub('aws', `case "$1" in secretsmanager) echo 0123456789abcdef;; s3) tar -C '${bundle}' -cz .;; esac`);
    await stub('getent', 'cat "$ANSWER"');
    await stub('live-origin', 'printf "%s\\n" "$@"');
    await chmod(path.join(bundle, 'boot.sh'), 0o755);
  });
  after(() => rm(tmp, { recursive: true, force: true }));

  /** Runs a program on a machine whose `/` is that folder; returns what there is afterwards. */
  async function machine(root, program, args, more = {}) {
    const CALLS = path.join(root, 'calls');
    await writeFile(CALLS, '');
    const PATH = `${path.join(tmp, 'bin')}:${process.env.PATH}`;
    const env = { ...process.env, PATH, ROOT: root, CALLS, FAILURES: path.join(root, 'failures'), ...more };
    const failure = await run(program, args, { env }).then(() => undefined, (error) => error);
    const units = path.join(root, 'etc/systemd/system');
    const names = await readdir(units).catch(() => []);
    const texts = names.map(async (name) => [name, await readFile(path.join(units, name), 'utf8')]);
    const state = path.join(root, 'var/lib/videosphere');
    return { state, failure, calls: await readFile(CALLS, 'utf8'), units: Object.fromEntries(await Promise.all(texts)) };
  }

  /** Boots. */
  async function boot(role, settings = SETTINGS[role], more = {}) {
    const root = path.join(tmp, role);
    await mkdir(path.join(root, 'etc/videosphere'), { recursive: true });
    const all = { AWS_REGION: 'eu-central-1', STACK: 'stage', ...settings };
    const lines = Object.entries(all).map(([key, value]) => `${key}=${value}\n`);
    await writeFile(path.join(root, 'etc/videosphere/env'), lines.join(''));
    const there = await machine(root, path.join(tmp, 'opt/boot.sh'), [role], more);
    if (there.failure && !more.SILENT) throw there.failure;
    return there;
  }

  /** Starts a bare machine with the template's own user data; packages fail that often. */
  async function start(name, failures) {
    const { Mappings, Resources } = await read('self-hosted.yaml');
    const [, [settings, script]] = Resources[`${name}Template`].Properties.LaunchTemplateData.UserData['Fn::Base64']['Fn::Join'];
    const [map, key, item] = script['Fn::FindInMap'];
    const root = path.join(tmp, `bare-${name}`);
    await rm(root, { recursive: true, force: true });
    await mkdir(root);
    const values = { 'AWS::Region': 'eu-central-1', 'Vpc.CidrBlock': '10.20.0.0/16', Ladder: 'small' };
    const filled = settings['Fn::Sub'].replace(/\$\{([\w.:]+)\}/g, (_, known) => values[known] ?? '192.0.2.1');
    const text = (filled + Mappings[map][key][item]).replaceAll(/\/(opt|etc)\/videosphere/g, `${root}$&`);
    await writeFile(path.join(root, 'user-data'), text, { mode: 0o755 });
    await writeFile(path.join(root, 'failures'), `${failures}`);
    return machine(root, path.join(root, 'user-data'), []);
  }

  for (const name of ['Ingest', 'Primary', 'Backup', 'Edge', 'Worker']) {
    test(`${name}: what fails once is tried again, and the stack hears when it is done`, async () => {
      const { failure, calls, units } = await start(name, 1);
      assert.equal(failure, undefined);
      assert.match(calls, /^apt-get update\nsleep 10\napt-get update\n/);
      assert.match(calls, /systemctl enable --now videosphere-(nginx|worker)\n/);
      const services = Object.entries(units).filter(([, text]) => text.includes('Restart=always'));
      assert.ok(services.length > 0);
      for (const [unit, text] of services) assert.match(text, /\[Unit\]\n(\w.*\n)*StartLimitIntervalSec=0\n/, unit);
      const resource = { Worker: undefined, Edge: 'Edges' }[name] ?? name;
      const told = [...calls.matchAll(/signal-resource .*--logical-resource-id (\w+) --unique-id i-0123 --status SUCCESS/g)];
      assert.deepEqual(told.map(([, id]) => id), name === 'Worker' ? [] : [resource]);
      assert.match(calls, /apt-get .*install .*\.deb\n/, 'Session Manager');
      assert.doesNotMatch(calls, /shutdown/);
    });
  }

  test('a machine that cannot become its part tries for minutes, then goes', async () => {
    const { calls } = await start('Worker', 1000);
    const tries = calls.split('\n').filter((line) => line && !line.startsWith('apt-get'));
    assert.deepEqual(tries, ['sleep 10', 'sleep 30', 'sleep 90', 'sleep 270', 'shutdown -h +10']);
  });

  test('a part that does not answer is not called ready', async () => {
    for (const role of ['ingest', 'primary', 'edge']) {
      const { failure, calls } = await boot(role, SETTINGS[role], { SILENT: 'yes' });
      assert.ok(failure, role);
      assert.doesNotMatch(calls, /signal-resource/, role);
    }
  });

  for (const role of ['ingest', 'primary', 'backup', 'edge']) {
    test(`${role}: nginx takes the configuration, and systemd keeps it running`, async () => {
      const { state, calls, units } = await boot(role);
      const conf = path.join(state, 'nginx/nginx.conf');
      const { stderr } = await run('nginx', ['-t', '-p', path.join(state, 'nginx'), '-c', conf]);
      assert.match(stderr, /test is successful/);
      const text = await readFile(conf, 'utf8');
      assert.doesNotMatch(text, /\{\{[A-Z]/);
      // It is asked whether it is ready where it answers.
      const [, port, place] = /^curl .* http:\/\/127\.0\.0\.1:(\d+)(\S+)$/m.exec(calls);
      assert.match(text, new RegExp(`listen (127\\.0\\.0\\.1:)?${port};`));
      const locations = [...text.matchAll(/location (=|~) (\S+) \{/g)];
      assert.ok(locations.some(([, kind, pattern]) => (kind === '=' ? pattern === place : new RegExp(pattern).test(place))), place);
      assert.match(units['videosphere-nginx.service'], /ExecStart=\/usr\/sbin\/nginx .*\n(.*\n)*Restart=always/);
      assert.match(calls, /systemctl enable --now videosphere-nginx\n/);
      // What it starts with is noted first, where it looks up names.
      const noted = /ExecStartPre=\+-\S+\/follow\.sh note videosphere-nginx 127\.0\.0\.1 127\.0\.0\.2\n/;
      assert.equal(noted.test(units['videosphere-nginx.service']), ['ingest', 'edge'].includes(role));
      assert.equal(/associate-address --allocation-id eipalloc-\d --instance-id i-0123/.test(calls), role !== 'edge');
    });
  }

  test('ingest: the key is asked for, recordings are handed over', async () => {
    const { state, units } = await boot('ingest');
    const conf = await readFile(path.join(state, 'nginx/nginx.conf'), 'utf8');
    assert.match(conf, /exec_record_done \/usr\/bin\/node --env-file=\S+\/env \S+\/vod\/upload\.mjs \$path --name \$name/);
    assert.match(conf, /push rtmp:\/\/127\.0\.0\.1:1935\/live;\n\s+push rtmp:\/\/127\.0\.0\.2:1935\/live;/);
    assert.match(await readFile(path.join(state, 'nginx/keys.map'), 'utf8'), /:0123456789abcdef\$/);
    const modes = ['', 'key', 'nginx/keys.map', 'nginx/nginx.conf', 'nginx/own-key.ffpreset'].map(async (name) => {
      return ((await stat(path.join(state, name))).mode & 0o777).toString(8);
    });
    assert.deepEqual(await Promise.all(modes), ['700', '600', '600', '600', '600'], 'nobody else reads them');
    assert.match(units['videosphere-sweep.service'], /upload\.mjs --folder \S+\/recordings --idle 120/);
    assert.match(units['videosphere-follow.service'], /follow\.sh restart videosphere-nginx 127\.0\.0\.1 127\.0\.0\.2\n/);
  });

  test('origins list the rungs they make, and ask each other', async () => {
    const ANSWER = path.join(tmp, 'peer');
    await writeFile(ANSWER, '10.20.16.7      STREAM peer\n10.20.16.7      DGRAM\n');
    const PATH = `${path.join(tmp, 'bin')}:${process.env.PATH}`;
    const wanted = { primary: ['127.0.0.2', '2160p,1080p,540p,480p'], backup: ['127.0.0.1', '480p,240p'] };
    for (const [role, [peer, rungs]] of Object.entries(wanted)) {
      const { state, units } = await boot(role);
      const unit = units['videosphere-playlists.service'];
      // As systemd reads it: two dollars are one, and what stands in quotes is one argument.
      const [, line] = /^ExecStart=\/bin\/sh -c '([^']+)'$/m.exec(unit);
      const program = path.join(tmp, 'opt/bin/live-origin');
      const command = line.replaceAll('$$', '$').replace(program, path.join(tmp, 'bin/live-origin'));
      const CALLS = path.join(tmp, 'playlists-calls');
      const { stdout } = await run('/bin/sh', ['-c', command], { env: { ...process.env, PATH, ANSWER, CALLS } });
      const asked = ['playlists', '--listen', '127.0.0.1:8081', '--hls', `${state}/nginx/hls`, '--rungs', rungs, '--peer', '10.20.16.7:8080'];
      assert.deepEqual(stdout.trim().split('\n'), asked, role);
      assert.match(await readFile(CALLS, 'utf8'), new RegExp(`^getent ahostsv4 ${peer}$`, 'm'));
      assert.ok(unit.includes(`/follow.sh note videosphere-playlists ${peer}\n`), role);
    }
  });

  test('logs do not fill the disk', async () => {
    for (const role of ['ingest', 'primary', 'backup', 'edge']) {
      const { state, calls, units } = await boot(role);
      assert.match(calls, /systemctl enable --now videosphere-trim\.timer\n/, role);
      const sizes = { 'access.log': 101, 'error.log': 1, 'recording.flv': 101 };
      for (const [name, mib] of Object.entries(sizes)) {
        const file = path.join(state, 'nginx', name);
        await writeFile(file, '');
        await truncate(file, mib << 20);
      }
      const [program, ...args] = /^ExecStart=(.+)$/m.exec(units['videosphere-trim.service'])[1].split(' ');
      await run(program, args);
      const left = Object.keys(sizes).map(async (name) => (await stat(path.join(state, 'nginx', name))).size >> 20);
      assert.deepEqual(await Promise.all(left), [0, 1, 101], role);
    }
  });

  test('names of elastic addresses, in every region', async () => {
    const addresses = { PRIMARY_ADDRESS: '192.0.2.1', BACKUP_ADDRESS: '198.51.100.2' };
    const frankfurt = await boot('edge', addresses);
    const conf = () => readFile(path.join(frankfurt.state, 'nginx/nginx.conf'), 'utf8');
    assert.match(await conf(), /server ec2-192-0-2-1\.eu-central-1\.compute\.amazonaws\.com:8080/);
    await boot('edge', { ...addresses, AWS_REGION: 'us-east-1' });
    assert.match(await conf(), /server ec2-198-51-100-2\.compute-1\.amazonaws\.com:8080 backup/);
  });

  test('worker: runs, and is given time to give its job back', async () => {
    const { units, calls } = await boot('worker');
    const unit = units['videosphere-worker.service'];
    assert.match(unit, /ExecStart=\/usr\/bin\/node \S+\/vod\/worker\.mjs\n/);
    assert.match(unit, /EnvironmentFile=\S+\/env\n/);
    assert.match(unit, /TimeoutStopSec=15\n/);
    assert.match(calls, /apt-get .*install .* ffmpeg nodejs\n/);
  });

  test('what follows a name tells its unit when the name leads elsewhere, and only then', async () => {
    const CALLS = path.join(tmp, 'follow-calls');
    const ANSWER = path.join(tmp, 'answer');
    const env = { ...process.env, PATH: `${path.join(tmp, 'bin')}:${process.env.PATH}`, CALLS, ANSWER, RUNTIME: tmp };
    const follow = async (address, action = 'reload', REFUSAL = '0') => {
      await writeFile(CALLS, '');
      await writeFile(ANSWER, address ? `${address}  STREAM name\n${address}  DGRAM\n` : '');
      const told = run(path.join(tmp, 'opt/follow.sh'), [action, 'unit', 'origin.example'], { env: { ...env, REFUSAL } });
      await (REFUSAL === '0' ? told : assert.rejects(told));
      return /systemctl reload unit/.test(await readFile(CALLS, 'utf8'));
    };
    assert.equal(await follow('10.0.0.1'), true, 'nobody knows what the unit started with');
    assert.equal(await follow('10.0.0.1', 'note'), false, 'the unit starts');
    assert.equal(await follow('10.0.0.1'), false);
    assert.equal(await follow('10.0.0.2'), true);
    assert.equal(await follow('10.0.0.2'), false);
    assert.equal(await follow(''), false, 'it cannot be looked up');
    assert.equal(await follow('10.0.0.1'), true);
    assert.equal(await follow('10.0.0.2', 'note'), false, 'the unit starts anew');
    assert.equal(await follow('10.0.0.3'), true, 'it changed since, before anyone looked');
    assert.equal(await follow('10.0.0.4', 'reload', '1'), true, 'the unit could not be told');
    assert.equal(await follow('10.0.0.4'), true, 'so it is told again');
    assert.equal(await follow('10.0.0.4'), false);
  });
});
