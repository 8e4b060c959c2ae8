// @ts-check
/**
 * What tells the `<track>` elements of a stream from those of the page. In: nothing. Out: an attribute's name.
 */
export const OF_STREAM = 'data-stream';
