/** The player's worker, which reports the types that its media source is given. */
import './spy_source_buffers.js';
import '/worker.js';
