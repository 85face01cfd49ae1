/* Reads QR codes: before the camera, or in a picture. Loaded when somebody asks for it. */

const SIDES = [1600, 800, 3200]; // pixels: most photographs are read at the first
const PAUSE = 120; // milliseconds between two looks, so that a phone stays cool

const ownDecoder = () => import("./qr-0.7.0/decode.js");

/** The browser's own detector where it has one that reads QR codes, otherwise ours. */
async function findDetector() {
  try {
    if ((await globalThis.BarcodeDetector?.getSupportedFormats())?.includes("qr_code")) {
      return new globalThis.BarcodeDetector({ formats: ["qr_code"] });
    }
  } catch {
    // announced, but not there: ours does it
  }
  const { BarcodeDetector } = await ownDecoder();
  return new BarcodeDetector({ formats: ["qr_code"] });
}

/** The text of the QR code in a picture file, or null. */
export async function readPicture(file) {
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return null; // no picture, or of a kind this browser does not know
  }
  const { decodeQR } = await ownDecoder();
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  try {
    for (const side of SIDES) {
      const scale = Math.min(1, side / Math.max(picture.width, picture.height));
      canvas.width = Math.max(1, Math.round(picture.width * scale));
      canvas.height = Math.max(1, Math.round(picture.height * scale));
      pen.fillStyle = "#fff"; // a code drawn on nothing stands on white
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      try {
        const pixels = pen.getImageData(0, 0, canvas.width, canvas.height);
        return decodeQR(pixels, { effort: 8, timeLimit: 800 });
      } catch {
        if (scale === 1 && side !== SIDES[1]) break; // it grows no clearer
      }
    }
  } finally {
    picture.close();
  }
  return null;
}

/** What went wrong with the camera, as the key of its sentence. */
function whyNot(error) {
  if (["NotAllowedError", "SecurityError"].includes(error.name)) return "refused";
  if (["NotFoundError", "OverconstrainedError"].includes(error.name)) return "absent";
  return "busy";
}

/**
 * One scan: shows the camera in `video`, calls `onText` with each text read until it says true.
 * The camera goes off when that happens, when the page is left or hidden, and when told to stop.
 */
export class Scan {
  constructor(video, { onText, onEnd }) {
    this.video = video;
    this.onText = onText;
    this.onEnd = onEnd;
    this.leave = () => {
      if (document.hidden) this.stop("left");
    };
  }

  /** Ask for the camera and begin. Ends with `onEnd(why)` if it cannot be had. */
  async start() {
    try {
      const [stream, detector] = await Promise.all([
        navigator.mediaDevices.getUserMedia({
          audio: false,
          video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 } },
        }),
        findDetector(),
      ]);
      this.stream = stream;
      this.detector = detector;
      if (this.ended || document.hidden) return this.stop("left");
      [this.track] = stream.getVideoTracks();
      this.track.addEventListener("ended", () => this.stop("busy"));
      document.addEventListener("visibilitychange", this.leave);
      this.video.srcObject = stream;
      await this.video.play();
    } catch (error) {
      return this.stop(whyNot(error));
    }
    this.look();
  }

  /** Whether the camera has a lamp that can be lit from here. */
  get hasTorch() {
    return Boolean(this.track?.getCapabilities?.().torch);
  }

  /** Light the lamp, or put it out. */
  async light(on) {
    await this.track.applyConstraints({ advanced: [{ torch: on }] });
  }

  async look() {
    if (this.ended) return;
    if (this.video.readyState >= 2) {
      const codes = await this.detector.detect(this.video).catch(() => []);
      if (this.ended) return;
      if (codes.length && this.onText(codes[0].rawValue)) return this.stop("found");
    }
    setTimeout(() => this.look(), PAUSE);
  }

  /** Turn the camera off; `onEnd` is told why, once. */
  stop(why = "stopped") {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.video.srcObject = null;
    document.removeEventListener("visibilitychange", this.leave);
    if (this.ended) return;
    this.ended = true;
    this.onEnd(why);
  }
}
