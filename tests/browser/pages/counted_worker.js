/** The player's worker, which tells on `BroadcastChannel('started')` that it begins. */
import '/worker.js';

new BroadcastChannel('started').postMessage('');
