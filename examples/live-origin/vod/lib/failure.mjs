/**
 * The two ways in which a job fails. Whatever is not `Hopeless` is worth another try: a network
 * that is down, a disk that is full, a program that was killed.
 */

/** Trying again cannot help: the message is set aside with this reason. */
export class Hopeless extends Error {
  name = 'Hopeless';
}

/** The person who started the program can repair this: printed without a stack. */
export class Misconfigured extends Error {
  name = 'Misconfigured';
}

/**
 * What to print about an error: the sentence alone where it was written for a person.
 * @param {unknown} error
 */
export function sentence(error) {
  if (!(error instanceof Error)) return String(error);
  // A refused connection is an AggregateError without a message of its own.
  const inner = error instanceof AggregateError ? error.errors.map(sentence).join('; ') : '';
  const message = error.message || inner || error.name;
  if (error instanceof Hopeless || error instanceof Misconfigured || error.name === 'Error') return message;
  return message.startsWith(error.name) ? message : `${error.name}: ${message}`;
}

/**
 * Runs a program's `main`: its errors become a sentence and an exit code.
 * @param {() => Promise<void>} main
 */
export async function run(main) {
  try {
    await main();
  } catch (error) {
    console.error(`✗ ${sentence(error)}`);
    process.exitCode = 1;
  }
}
