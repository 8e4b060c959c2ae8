/** The player's worker, which ends without a word when told to on `BroadcastChannel('mortal')`. */
import '/worker.js';

new BroadcastChannel('mortal').onmessage = () => self.close();
