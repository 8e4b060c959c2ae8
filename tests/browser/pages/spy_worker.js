/** The player's worker, telling the page which types its media source is given. */
import './spy_source_buffers.js';
import '/worker.js';
