/**
 * In: a template's file. Out: it as JSON, every short form (`!Ref`) written out (`{"Ref": …}`), by
 * the linter's own reader; and what it says for given parameters, conditions decided.
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

const isNone = (value) => value?.Ref === 'AWS::NoValue';

/**
 * Says what a part of a template becomes: parameters filled in, conditions decided, what is
 * `AWS::NoValue` left out. References to resources stay as they are.
 *
 * @param {any} template
 * @param {Record<string, string>} parameters those that are not to be the default
 */
export function deciding(template, parameters = {}) {
  const given = (name) => parameters[name] ?? template.Parameters[name].Default;
  const functions = {
    Ref: (name) => (name in template.Parameters ? given(name) : { Ref: name }),
    Condition: (name) => decide(template.Conditions[name]),
    'Fn::Equals': ([one, other]) => decide(one) === decide(other),
    'Fn::Not': ([one]) => !decide(one),
    'Fn::And': (all) => all.every(decide),
    'Fn::Or': (all) => all.some(decide),
    'Fn::If': ([name, yes, no]) => decide(decide({ Condition: name }) ? yes : no),
    'Fn::FindInMap': (keys) => keys.reduce((map, key) => map[decide(key)], template.Mappings),
    'Fn::Sub': (text) => {
      const filled = text.replace(/\$\{(\w+)\}/g, (whole, name) => (name in template.Parameters ? given(name) : whole));
      return filled.includes('${') ? { 'Fn::Sub': filled } : filled;
    },
  };
  function decide(value) {
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map(decide).filter((item) => !isNone(item));
    const entries = Object.entries(value);
    const [[key, inner] = []] = entries;
    if (entries.length === 1 && key in functions) return functions[key](inner);
    const decided = entries.map(([name, item]) => [name, decide(item)]);
    return Object.fromEntries(decided.filter(([, item]) => !isNone(item)));
  }
  return decide;
}

/** Why CloudFormation would refuse these parameters: what the template's rules say. */
export function refusals(template, parameters) {
  const decide = deciding(template, parameters);
  const broken = Object.values(template.Rules ?? {})
    .filter(({ RuleCondition }) => decide(RuleCondition))
    .flatMap(({ Assertions }) => Assertions.filter(({ Assert }) => !decide(Assert)));
  return broken.map(({ AssertDescription }) => AssertDescription);
}
