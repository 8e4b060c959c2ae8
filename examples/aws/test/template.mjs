/**
 * In: a template's file. Out: it as JSON, every short form (`!Ref`) written out (`{"Ref": …}`), by
 * the linter's own reader.
 */

import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

/** The linter, and the Python it lives in. */
export const CFN_LINT = process.env.CFN_LINT ?? 'cfn-lint';

export const folder = new URL('../', import.meta.url).pathname;
export const NAMES = ['media.yaml', 'ivs.yaml', 'self-hosted.yaml', 'player.yaml'];

const READER = 'import json, sys; from cfnlint.decode import cfn_yaml; print(json.dumps(cfn_yaml.load(sys.argv[1])))';

/** @param {string} name of a file in examples/aws */
export async function read(name) {
  const python = path.join(path.dirname(CFN_LINT), 'python');
  const options = { maxBuffer: 8 << 20 };
  const { stdout } = await promisify(execFile)(python, ['-c', READER, path.join(folder, name)], options);
  return JSON.parse(stdout);
}
