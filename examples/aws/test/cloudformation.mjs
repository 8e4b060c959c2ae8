/**
 * Just enough of CloudFormation, EC2, IAM and STS for the tests, by their query interface, against
 * moto_server: signatures are not looked at there, and answers are small enough for patterns.
 */

/** Services are told apart by the credential's scope. */
function authorization(service, key) {
  return `AWS4-HMAC-SHA256 Credential=${key}/20260101/eu-central-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
}

/**
 * @param {string} endpoint
 * @param {string} service
 * @param {Record<string, string>} action
 */
export async function query(endpoint, service, action, key = 'local') {
  const body = new URLSearchParams(action);
  const headers = { authorization: authorization(service, key) };
  const answer = await fetch(endpoint, { method: 'POST', body, headers });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${action.Action}: ${answer.status} ${text.slice(0, 2000)}`);
  return text;
}

/** The text between tags, every time. */
export function all(text, tag) {
  return [...text.matchAll(new RegExp(`<${tag}>([^<]*)</${tag}>`, 'g'))].map(([, value]) => value);
}

/**
 * Makes a stack; returns its outputs and the physical ids of its resources.
 * @param {string} endpoint
 * @param {{ name: string, template: any, parameters: Record<string, string> }} stack
 */
export async function deploy(endpoint, { name, template, parameters }) {
  const given = Object.entries(parameters).flatMap(([key, value], at) => [
    [`Parameters.member.${at + 1}.ParameterKey`, key],
    [`Parameters.member.${at + 1}.ParameterValue`, value],
  ]);
  const TemplateBody = JSON.stringify(template);
  const make = { Action: 'CreateStack', StackName: name, TemplateBody, 'Capabilities.member.1': 'CAPABILITY_IAM' };
  await query(endpoint, 'cloudformation', { ...make, ...Object.fromEntries(given) });
  const about = await query(endpoint, 'cloudformation', { Action: 'DescribeStacks', StackName: name });
  const [status] = all(about, 'StackStatus');
  const outputs = Object.fromEntries(
    all(about, 'OutputKey').map((key, at) => [key, all(about, 'OutputValue')[at].replaceAll('&amp;', '&')]),
  );
  const resources = await query(endpoint, 'cloudformation', { Action: 'DescribeStackResources', StackName: name });
  const members = resources.split('<member>').slice(1);
  const physical = Object.fromEntries(
    members.map((text) => [all(text, 'LogicalResourceId')[0], all(text, 'PhysicalResourceId')[0]]),
  );
  return { status, outputs, physical };
}

/**
 * Temporary credentials of a role, as environment variables.
 *
 * moto 5.2 stumbles over a role's inline policies when it enforces them, so that they are attached
 * to the role as policies of their own, word for word.
 */
export async function assume(endpoint, role) {
  const about = { RoleName: role, Version: '2010-05-08' };
  const list = await query(endpoint, 'iam', { Action: 'ListRolePolicies', ...about });
  for (const PolicyName of all(list, 'member')) {
    const inline = await query(endpoint, 'iam', { Action: 'GetRolePolicy', PolicyName, ...about });
    const PolicyDocument = document(all(inline, 'PolicyDocument')[0]);
    const make = { Action: 'CreatePolicy', PolicyName: `${role}-${PolicyName}`, PolicyDocument, Version: about.Version };
    const [PolicyArn] = all(await query(endpoint, 'iam', make), 'Arn');
    await query(endpoint, 'iam', { Action: 'AttachRolePolicy', PolicyArn, ...about });
    await query(endpoint, 'iam', { Action: 'DeleteRolePolicy', PolicyName, ...about });
  }
  const RoleArn = `arn:aws:iam::123456789012:role/${role}`;
  const text = await query(endpoint, 'sts', { Action: 'AssumeRole', RoleArn, RoleSessionName: 'test', Version: '2011-06-15' });
  return {
    AWS_ACCESS_KEY_ID: all(text, 'AccessKeyId')[0],
    AWS_SECRET_ACCESS_KEY: all(text, 'SecretAccessKey')[0],
    AWS_SESSION_TOKEN: all(text, 'SessionToken')[0],
  };
}

/** A policy as moto sends it: Python's notation, in percent encoding, in XML. */
function document(text) {
  const plain = text.replaceAll(/&(quot|#34);/g, '"').replaceAll(/&(apos|#39);/g, "'").replaceAll('&amp;', '&');
  const decoded = /^%7B/i.test(plain) ? decodeURIComponent(plain.replaceAll('+', ' ')) : plain;
  return decoded.startsWith("{'") ? decoded.replaceAll("'", '"') : decoded;
}

/** From the next request on, what no policy allows is refused, or nothing is any more. */
export async function enforcePolicies(endpoint, on) {
  const answer = await fetch(`${endpoint}/moto-api/reset-auth`, { method: 'POST', body: on ? '0' : '1000000000' });
  if (!answer.ok) throw new Error(`moto-api: ${answer.status}`);
}
