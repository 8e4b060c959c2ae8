/** The player's worker, which says on `BroadcastChannel('started')` that it begins. */
import '/worker.js';

new BroadcastChannel('started').postMessage('');
