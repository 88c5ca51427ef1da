// Three tones made in code and a buzz, never alone: colour, sign and words always say the same.
//   ok: one short high tone; done: two rising; error: a low double tone.

const TUNES = {
  ok: [[1320, 0, 0.07]],
  done: [[880, 0, 0.09], [1320, 0.11, 0.14]],
  error: [[196, 0, 0.22], [165, 0.28, 0.34]],
};
const BUZZES = { ok: 40, done: [40, 40, 80], error: [200, 80, 200] };

let context = null;

/** Sound and buzz for what happened. Browsers allow sound only after the first key or touch, which a scan is. */
export function play(what) {
  if (!TUNES[what]) return; // nothing to say
  navigator.vibrate?.(BUZZES[what]);
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
  for (const [pitch, start, length] of TUNES[what]) tone(pitch, context.currentTime + start, length);
}

function tone(pitch, start, length) {
  const voice = context.createOscillator();
  const volume = context.createGain();
  voice.type = "triangle";
  voice.frequency.value = pitch;
  volume.gain.setValueAtTime(0.0001, start);
  volume.gain.exponentialRampToValueAtTime(0.6, start + 0.01);
  volume.gain.exponentialRampToValueAtTime(0.0001, start + length);
  voice.connect(volume).connect(context.destination);
  voice.start(start);
  voice.stop(start + length + 0.02);
}
