/** How a picture is looked at: how large, and moved by how many pixels. Pure. */
export interface View {
  /** 1: the whole picture in the window. */
  scale: number;
  x: number;
  y: number;
}

export const fit: View = { scale: 1, x: 0, y: 0 };

/** Larger than this only shows pixels. */
const MOST = 8;

/** Larger or smaller by a factor, around the middle of the window. */
export function zoomed(view: View, factor: number): View {
  const scale = Math.min(MOST, Math.max(1, view.scale * factor));
  // Nearly whole is whole, so that steps there and back end where they began.
  if (scale < 1.01) return fit;
  const by = scale / view.scale;
  return { scale, x: view.x * by, y: view.y * by };
}

/** Pulled by the hand; a whole picture stays where it is. */
export function moved(view: View, x: number, y: number): View {
  return view.scale === 1 ? view : { ...view, x: view.x + x, y: view.y + y };
}
