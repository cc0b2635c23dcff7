import { expect, it } from "vitest";
import { fit, moved, zoomed } from "./zoom";

it("zooms between whole and eight times, and comes back to whole", () => {
  expect(zoomed(fit, 0.5)).toEqual(fit);
  expect(zoomed(fit, 100).scale).toBe(8);
  let view = fit;
  for (let n = 0; n < 3; n++) view = zoomed(view, 1.5);
  view = moved(view, 40, -20);
  for (let n = 0; n < 3; n++) view = zoomed(view, 1 / 1.5);
  expect(view).toEqual(fit);
});

it("keeps what is in the middle in the middle", () => {
  const view = moved(zoomed(fit, 2), 10, -6);
  expect(zoomed(view, 2)).toEqual({ scale: 4, x: 20, y: -12 });
});

it("does not move a whole picture", () => {
  expect(moved(fit, 10, 10)).toEqual(fit);
});
