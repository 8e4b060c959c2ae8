/**
 * moto_server: S3, SQS, CloudFormation and more, by their real interfaces, in one Python process
 * (https://docs.getmoto.org). It keeps everything in memory.
 *
 * In: its program. Out: a child process on a port that the system chose, and the environment that
 * leads the SDK there.
 */

import { spawn } from 'node:child_process';
import { Misconfigured } from './failure.mjs';

/**
 * @param {{ program?: string, log?: import('node:stream').Writable }} how
 * @returns {Promise<{ child: import('node:child_process').ChildProcess, env: Record<string, string> }>}
 */
export async function startMoto({ program = 'moto_server', log }) {
  // Unbuffered: its first lines hold the port.
  const env = { ...process.env, PYTHONUNBUFFERED: '1' };
  const child = spawn(program, ['-H', '127.0.0.1', '-p', '0'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const endpoint = await new Promise((resolve, reject) => {
    let said = '';
    const hear = (text) => {
      log?.write(text);
      if (said.length > 10_000) return;
      said += text;
      const url = /Running on (http:\/\/[\d.:]+)/.exec(said)?.[1];
      if (url) resolve(url);
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    child.on('error', () => reject(missing(program)));
    child.on('exit', (code) => reject(new Error(`moto_server ended with ${code}: ${said.slice(-500)}`)));
  });
  return {
    child,
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
  };
}

function missing(program) {
  return new Misconfigured(
    `${program} cannot be started. \`cargo xtask stage\` and \`cargo xtask test\` install it; by hand: ` +
      'python3 -m venv VENV && VENV/bin/pip install -r requirements.txt, then MOTO_SERVER=VENV/bin/moto_server',
  );
}
