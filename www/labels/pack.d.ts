/** `videosphere/labels/LANGUAGE`: de, fr, es, pt, it, nl, pl, ja, zh, ar. */
import type { Labels } from '../element.js';

declare const pack: Labels;
export default pack;
