/** The player's worker, which ends without an event on a message to `BroadcastChannel('mortal')`. */
import '/worker.js';

new BroadcastChannel('mortal').onmessage = () => self.close();
