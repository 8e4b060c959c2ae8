// @ts-check
/**
 * The picture over the seek bar, from a storyboard of the page's; loaded with the first place that is looked at
 * on a bar whose element has a `<track kind="metadata" label="thumbnails">`, as other players have it.
 *
 * In: the track, whose cues name pictures and parts of them (`sprite.jpg#xywh=160,0,160,80`, Media Fragments
 * 4.2.2), and how pictures lie on the sphere. Out: a canvas with what is straight ahead at a moment: the whole
 * picture of a sphere shows little of what one would see. What is not there is not shown.
 */

/** @import { VideoSphereElement } from '../element.d.ts' */

const WIDTH_PX = 160;
const HEIGHT_PX = 90;
/** As wide as it can be before the bending shows. */
const FIELD_OF_VIEW_DEG = 120;
/** Pictures that are kept; a sprite holds many. */
const MOST_PICTURES = 8;
/** A track that is loaded tells only its own element, which nobody has here. */
const LOAD_POLL_MILLIS = 200;
const LOAD_POLLS = 50;

export class Storyboard {
  canvas = document.createElement('canvas');
  #media;
  #track;
  #baseUrl;
  /** By address, the latest last. @type {Map<string, HTMLImageElement>} */
  #pictures = new Map();
  #wantedSecs = NaN;
  #polls = 0;

  /** @param {VideoSphereElement} media @param {HTMLTrackElement} child the element's own @param {TextTrack} track */
  constructor(media, child, track) {
    this.#media = media;
    this.#track = track;
    this.#baseUrl = child.src;
    const { canvas } = this;
    [canvas.width, canvas.height] = [WIDTH_PX, HEIGHT_PX];
    Object.assign(canvas.style, { display: 'block', margin: '2px auto 4px', borderRadius: '4px' });
    canvas.hidden = true;
    // Its cues are loaded now.
    if (track.mode === 'disabled') track.mode = 'hidden';
    this.#awaitCues();
  }

  #awaitCues() {
    if (this.#track.cues?.length) this.show(this.#wantedSecs);
    else if (this.#polls++ < LOAD_POLLS) setTimeout(() => this.#awaitCues(), LOAD_POLL_MILLIS);
  }

  /** Shows the moment, once its picture is here. @param {number} secs */
  show(secs) {
    this.#wantedSecs = secs;
    const cue = [...(this.#track.cues ?? [])].find(
      ({ startTime, endTime }) => startTime <= secs && secs < endTime,
    );
    const part = cue && 'text' in cue ? partOf(/** @type {VTTCue} */ (cue).text, this.#baseUrl) : undefined;
    if (!part) {
      this.canvas.hidden = true;
      return;
    }
    const picture = this.#picture(part.url);
    if (picture.complete && picture.naturalWidth > 0) this.#draw(picture, part.box);
  }

  /** @param {string} url */
  #picture(url) {
    let picture = this.#pictures.get(url);
    if (!picture) {
      picture = new Image();
      picture.addEventListener('load', () => this.show(this.#wantedSecs));
      picture.src = url;
    }
    this.#pictures.delete(url);
    this.#pictures.set(url, picture);
    if (this.#pictures.size > MOST_PICTURES) this.#pictures.delete([...this.#pictures.keys()][0]);
    return picture;
  }

  /** @param {HTMLImageElement} picture @param {number[] | undefined} box all of it if there is none */
  #draw(picture, box = [0, 0, picture.naturalWidth, picture.naturalHeight]) {
    const { projection, stereo } = this.#media;
    const [x, y] = box;
    // The left eye's.
    const width = stereo === 'side-by-side' ? box[2] / 2 : box[2];
    const height = stereo === 'top-bottom' ? box[3] / 2 : box[3];
    const aheadX = width * (FIELD_OF_VIEW_DEG / (projection === 'equirect-180' ? 180 : 360));
    const aheadY = height * ((FIELD_OF_VIEW_DEG * HEIGHT_PX) / WIDTH_PX / 180);
    const context = this.canvas.getContext('2d');
    context?.drawImage(
      picture,
      x + (width - aheadX) / 2,
      y + (height - aheadY) / 2,
      aheadX,
      aheadY,
      0,
      0,
      WIDTH_PX,
      HEIGHT_PX,
    );
    this.canvas.hidden = false;
  }
}

/**
 * What a cue names; nothing where it is no address.
 * @param {string} text @param {string} baseUrl @returns {{ url: string, box?: number[] } | undefined}
 */
function partOf(text, baseUrl) {
  const [, name, numbers] =
    /^(\S+?)(?:#xywh=(?:pixel:)?(\d+,\d+,[1-9]\d*,[1-9]\d*))?$/.exec(text.trim()) ?? [];
  const url = name && URL.canParse(name, baseUrl) ? new URL(name, baseUrl).href : undefined;
  return url ? { url, box: numbers?.split(',').map(Number) } : undefined;
}
