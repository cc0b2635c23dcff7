// Opens conversations from the list, one after the other, and says how long each took until it was painted:
// node web/scripts/open.mjs ADDRESS COOKIE HOW_MANY. Part of `make bench` (measure "open").
import { chromium } from "@playwright/test";

const [address, cookie, howMany] = process.argv.slice(2);
const root = process.getuid?.() === 0;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: root ? ["--no-sandbox", "--disable-dev-shm-usage"] : [],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: "vi-VN" });
  const split = cookie.indexOf("=");
  await page
    .context()
    .addCookies([{ name: cookie.slice(0, split), value: cookie.slice(split + 1), url: address }]);
  await page.goto(`${address}/inbox`);
  await page.locator("[role=option]").first().waitFor();
  const times = await page.evaluate(measure, Number(howMany));
  console.log(JSON.stringify(times));
} finally {
  await browser.close();
}

/** Runs in the page, so that no driver stands between press and paint. */
async function measure(count) {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  // What is changed before a frame is on the screen when the task after that frame runs.
  const after = () =>
    new Promise((done) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = done;
      channel.port2.postMessage(null);
    });
  const painted = () => frame().then(after);
  // Looks in every frame, just before it is painted; kept when that frame is on the screen.
  const shown = async (holds) => {
    const limit = performance.now() + 10_000;
    do {
      if (performance.now() > limit) throw new Error("not shown within ten seconds");
      await frame();
    } while (!holds());
    await after();
  };
  const row = (index) => document.querySelector(`[role=listbox] [data-index="${index}"] [role=option]`);
  const opened = [];
  for (let index = 0; index < count; index++) {
    const target = row(index);
    if (!target) break;
    const id = target.id.replace(/^row-/, "");
    target.scrollIntoView({ block: "nearest" });
    await painted();
    const pressed = performance.now();
    target.click();
    await shown(
      () =>
        location.pathname.endsWith(id) &&
        document.querySelector(`[role=log] [data-testid=message]`) &&
        document.querySelector("[role=log]").closest("[data-conversation]")?.dataset.conversation === id,
    );
    opened.push(performance.now() - pressed);
    await shown(() => row(index + 1) || index + 1 >= count);
  }
  const frames = [];
  for (let n = 0; n < 60; n++) {
    const began = performance.now();
    document.body.style.outlineColor = n % 2 ? "red" : "green";
    await painted();
    frames.push(performance.now() - began);
  }
  return { opened, frame: frames };
}
