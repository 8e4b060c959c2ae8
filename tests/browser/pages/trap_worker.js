/** The player's worker, with an engine that can be made to fall. */
import './trap.js';
import '/worker.js';
