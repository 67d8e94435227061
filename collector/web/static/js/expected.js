// Fetches what was expected of each hour, and shades it behind the chart of a quantity that stands alone.
const HOUR = 3_600_000;
const LONGEST = 60 * 24 * HOUR;

/** Hours with `low` and `high`; none where nothing was forecast, or where bars are no hours. */
export async function fetchExpected(meter, quantities, { from, to }, bars) {
  const length = to - from;
  if (quantities.length !== 1 || length > LONGEST || (bars && (length <= 3 * HOUR || length > 96 * HOUR))) return [];
  const query = new URLSearchParams({ meter, quantity: quantities[0], from: from - HOUR, to: to + HOUR });
  try {
    const answer = await fetch(`/api/forecast?${query}`);
    return answer.ok ? (await answer.json()).hours : [];
  } catch {
    return [];
  }
}

/** Paints the band; an hour that is missing is a gap. */
export function shade(plot, hours, colour) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.fillStyle = colour;
  for (const { time, low, high } of hours) {
    const [left, right] = [time, time + HOUR].map((at) => Math.round(plot.valToPos(at / 1000, "x", true)));
    const [top, bottom] = [high, low].map((value) => plot.valToPos(value, "y", true));
    ctx.fillRect(left, top, right - left, bottom - top);
  }
  ctx.restore();
}
