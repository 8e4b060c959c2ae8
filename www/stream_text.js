// @ts-check
/**
 * The text and the metadata of a player's streams: what handles them is loaded where a stream names text tracks, a
 * `<track>` of the page is shown, or somebody listens for metadata.
 *
 * In: what the engine's worker says of text (`texttracks`, `cues`, `inband`), and that another stream began. Out:
 * text tracks on the media element (`text_tracks.js`), metadata at their moments (`metadata.js`), and which text the
 * worker is to read.
 */
import { OF_STREAM } from './stream_track_mark.js';

/**
 * @import { Playback } from './playback.js'
 * @import { TimedMetadata } from './index.js'
 * @import { CuesEvent, InBandEvent, TextTrackInfo } from './protocol.d.ts'
 */

export class StreamText {
  #video;
  #playback;
  #options;
  /** Once somebody listens. @type {Promise<import('./metadata.js').MetadataEvents> | undefined} */
  #metadata;
  /** What is loaded of text. @type {[ids: number[], inBand: boolean]} */
  #selected = [[], false];
  /** Once a stream has any. @type {Promise<import('./text_tracks.js').TextTracks> | undefined} */
  #tracks;

  /**
   * @param {HTMLVideoElement} video
   * @param {Playback} playback
   * @param {{ stage: () => HTMLElement, tell: (event: TimedMetadata) => void, signal: AbortSignal }} options `stage` is
   *   what captions are drawn in; `tell` gets what the stream says, when it does; `signal` is the end of the player
   */
  constructor(video, playback, options) {
    this.#video = video;
    this.#playback = playback;
    this.#options = options;
    const { signal } = options;
    /** @type {<Detail>(type: string, handle: (detail: Detail) => void) => void} */
    const on = (type, handle) =>
      playback.addEventListener(
        type,
        (event) => {
          handle(/** @type {CustomEvent} */ (event).detail);
        },
        { signal },
      );
    on('streamchange', (/** @type {{ byEngine: boolean }} */ { byEngine }) => this.#begin(byEngine));
    on('texttracks', (/** @type {TextTrackInfo[]} */ infos) => {
      this.#load().then((tracks) => tracks.open(infos));
    });
    on('cues', (/** @type {CuesEvent} */ { track, changes }) => {
      this.#tracks?.then((tracks) => tracks.take(track, changes));
    });
    on('inband', (/** @type {InBandEvent} */ { found, captions, events }) => {
      this.#tracks?.then((tracks) => {
        tracks.takeCaptions(found, captions);
        tracks.takeEvents(events);
      });
      this.#metadata?.then((metadata) => metadata.take(events));
    });
    // Of a `<track>` of the page: what draws it is ours, the video is not seen.
    video.textTracks?.addEventListener?.(
      'change',
      () => {
        if ([...video.textTracks].some(({ mode }) => mode === 'showing')) this.#load();
      },
      { signal },
    );
  }

  /** Somebody listens for metadata: nobody else pays for them. */
  listen() {
    if (this.#metadata) return;
    const { tell, signal } = this.#options;
    this.#metadata = import('./metadata.js').then(
      ({ MetadataEvents }) => new MetadataEvents(this.#video, tell, signal),
    );
    this.#load();
    this.#select(...this.#selected);
  }

  /** The tracks of one stream are none of another's. @param {boolean} byEngine */
  #begin(byEngine) {
    this.#tracks?.then((tracks) => tracks.open([]));
    this.#metadata?.then((metadata) => metadata.clear());
    this.#selected = [[], false];
    if (byEngine && this.#metadata) this.#select([], false);
  }

  #load() {
    const { stage, signal } = this.#options;
    return (this.#tracks ??= import('./text_tracks.js').then(
      ({ TextTracks }) =>
        new TextTracks(this.#video, {
          stage: stage(),
          mark: OF_STREAM,
          select: (ids, inBand) => this.#select(ids, inBand),
          signal,
        }),
    ));
  }

  /** @param {number[]} ids @param {boolean} inBand */
  #select(ids, inBand) {
    this.#selected = [ids, inBand];
    this.#playback.selectText(ids, inBand, this.#metadata !== undefined);
  }
}
