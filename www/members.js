// @ts-check
/**
 * Members of a class that a part of it has: defined once on its prototype, instead of written out.
 *
 * In: a prototype, names, and how to get from an instance to the part. Out: accessors and methods that hand on;
 * what is set goes through a check.
 */

/**
 * @template {object} Holder
 * @param {Holder} prototype
 * @param {string} name
 * @param {PropertyDescriptor & ThisType<Holder>} member
 */
export const define = (prototype, name, member) =>
  Object.defineProperty(prototype, name, { configurable: true, enumerable: true, ...member });

/**
 * @template {object} Holder
 * @param {Holder} prototype
 * @param {readonly string[]} names
 * @param {(holder: Holder) => object} partOf
 * @param {(name: string, value: unknown) => unknown} [check] what is set; without it nothing can be
 */
export function handOn(prototype, names, partOf, check) {
  for (const name of names) {
    define(prototype, name, {
      get() {
        return Reflect.get(partOf(this), name);
      },
      set:
        check &&
        /** @this {Holder} @param {unknown} value */
        function (value) {
          Reflect.set(partOf(this), name, check(name, value));
        },
    });
  }
}

/**
 * @template {object} Holder
 * @param {Holder} prototype
 * @param {readonly string[]} names
 * @param {(holder: Holder) => object} partOf
 */
export function handOnCalls(prototype, names, partOf) {
  for (const name of names) {
    define(prototype, name, {
      writable: true,
      value(/** @type {unknown[]} */ ...args) {
        return Reflect.get(partOf(this), name).apply(partOf(this), args);
      },
    });
  }
}
