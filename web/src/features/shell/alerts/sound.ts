/** A short soft sound made on the spot: two tones, the second a fourth higher. No file is needed. */

const TONES = [
  { hertz: 587.33, at: 0 },
  { hertz: 783.99, at: 0.12 },
] as const;

/** Seconds until a tone has faded. */
const FADE = 0.35;

const LOUDNESS = 0.12;

let context: AudioContext | null = null;

/** Ring. Before the first click on the page the browser keeps it silent; that is its rule, and no error. */
export async function ring(): Promise<void> {
  if (typeof AudioContext === "undefined") return;
  context ??= new AudioContext();
  if (context.state === "suspended") await context.resume();
  const { currentTime, destination } = context;
  for (const { hertz, at } of TONES) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const start = currentTime + at;
    tone.type = "sine";
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(LOUDNESS, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + FADE);
    tone.connect(volume).connect(destination);
    tone.start(start);
    tone.stop(start + FADE);
  }
}
