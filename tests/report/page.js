// The page of a report in a browser: node page.js FOLDER, with what tests/report.sh made.
"use strict";
const fs = require("fs");
const path = require("path");
const { visit, drawAll } = require("./browser.js");
const { ok, equal, end } = require("./check.js");

const folder = process.argv[2];
const file = (name) => path.join(folder, name);
const alone = (seen, name) => {
  equal(seen.errors, [], `${name}: no errors`);
  equal(seen.requests.filter((url) => !/^(file|data):/.test(url)), [], `${name}: no request`);
  equal(seen.requests.filter((url) => url.startsWith("file:")).length, 1, `${name}: no other file`);
};

const figures = async () => visit(file("plain.html"), {}, async (page, seen) => {
  const rows = fs.readFileSync(file("plain.tsv"), "utf8").trim().split("\n").map((line) => line.split("\t"));
  for (const [scenario, speedup, stretch, p2p, server] of rows) {
    const row = page.locator("table.summary tr", { has: page.locator(`bdi:text-is("${scenario}")`) });
    const text = (await row.innerText()).replace(/\u00a0/g, " ").replace(/,/g, "");
    ok(text.includes(`${(+speedup).toFixed(2)}\u00d7`), `${scenario}: speed-up`, `${speedup} in ${text}`);
    ok(text.includes((+stretch).toFixed(3)), `${scenario}: stretch`, `${stretch} in ${text}`);
    for (const seconds of [p2p, server]) {
      const digits = seconds >= 1000 ? 0 : seconds >= 100 ? 1 : 2;
      ok(text.includes(`${(+seconds).toFixed(digits)} s`), `${scenario}: makespan`, `${seconds} in ${text}`);
    }
  }
  await drawAll(page);
  for (const figure of await page.locator("figure").all()) {
    const name = await figure.getAttribute("data-plot");
    ok((await figure.locator("figcaption").innerText()).length > 20, `${name}: a line in words`);
    ok((await figure.locator("svg, canvas").count()) > 0, `${name}: a plot`);
  }
  alone(seen, "plain");
});

// Nothing is wider than the window.
const fits = (width, theme) => visit(file("plain.html"), { width, theme }, async (page, seen) => {
  await drawAll(page);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  ok(over <= 0, `${width} pixels: nothing sticks out`, `${over} pixels`);
  await page.screenshot({ path: file(`plain-${width}-${theme}.png`), fullPage: true });
  alone(seen, `${width} pixels`);
});

const keyboard = () => visit(file("plain.html"), {}, async (page, seen) => {
  await page.keyboard.press("Tab");
  equal(await page.evaluate(() => document.activeElement.className), "skip", "the first stop skips to the results");
  await page.locator("#theme").focus();
  await page.keyboard.press("Enter");
  equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark", "Enter makes it dark");
  await drawAll(page);
  for (const plot of ["completion", "sent", "sources", "spread", "chokes", "waits", "waits-time"]) {
    await page.locator(`figure[data-plot=${plot}] svg`).first().focus();
    await page.keyboard.press("ArrowRight");
    ok(await page.locator("#tip").isVisible(), `${plot}: an arrow key tells figures`);
    await page.keyboard.press("Escape");
    ok(!(await page.locator("#tip").isVisible()), `${plot}: Escape ends that`);
  }
  alone(seen, "keyboard");
});

// Names are text, and nothing in them is hidden.
const hostile = () => visit(file("hostile.html"), {}, async (page, seen) => {
  await drawAll(page);
  equal(await page.evaluate(() => window.hit), undefined, "hostile: no script of a name ran");
  const text = await page.locator("body").innerText();
  ok(text.includes("<script>window.hit=1</script>"), "hostile: a name is shown as text");
  ok(text.includes("\u2039U+202E\u203a"), "hostile: a mark that turns the writing is shown as its number");
  equal(await page.locator("main b, main img").count(), 0, "hostile: no element comes from a name");
  alone(seen, "hostile");
});

const others = async () => {
  for (const name of ["empty", "one-model", "unfinished", "older", "unrecorded"])
    await visit(file(`${name}.html`), {}, async (page, seen) => {
      await drawAll(page);
      const text = await page.locator("main").innerText();
      ok(!/NaN|undefined|Infinity|\[object/.test(text), `${name}: no broken figure`, text);
      ok(text.length > 40, `${name}: something is said`);
      if (name === "older" || name === "unrecorded") ok(text.includes("was not recorded"), `${name}: says what was not recorded`);
      alone(seen, name);
    });
};

const print = () => visit(file("plain.html"), { theme: "dark" }, async (page, seen) => {
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await page.pdf({ path: file("plain.pdf"), format: "A4", printBackground: true });
  ok(fs.statSync(file("plain.pdf")).size > 20000, "it can be printed");
  alone(seen, "print");
});

// It plays, goes where it is told, reaches the end, and then everybody has everything.
const replay = () => visit(file("plain.html"), {}, async (page, seen) => {
  await drawAll(page);
  const index = await page.evaluate(() => shoal.data.cases.findIndex((one) => one.scenario === "twenty"));
  const figure = page.locator(`#case-${index} figure.replay`);
  await figure.scrollIntoViewIfNeeded();
  const ask = (f, value) => figure.evaluate(f, value);
  const time = () => ask((element) => shoal.replays.get(element).model.time);
  await figure.locator("button.play").click();
  const frames = await ask(async (element) => {
    const replay = shoal.replays.get(element), before = replay.frames, from = performance.now();
    await new Promise((done) => setTimeout(done, 3000));
    return ((replay.frames - before) * 1000) / (performance.now() - from);
  });
  console.log(`replay of twenty: ${frames.toFixed(1)} frames/s`);
  ok(frames > 1, "replay: it draws while it plays", frames);
  await figure.locator("button.play").click();
  const paused = await time();
  ok(paused > 0, "replay: time goes on while it plays");
  await page.waitForTimeout(200);
  equal(await time(), paused, "replay: it stands still when paused");

  const length = await ask((element) => shoal.replays.get(element).model.length);
  await figure.locator("input[type=range]").fill("500");
  ok(Math.abs((await time()) - length / 2) < length / 500, "replay: the scrubber seeks");
  const state = () => ask((element) => { const { model } = shoal.replays.get(element); return model.nodes.map((_, i) => model.have[i].size); });
  const half = await state();
  await figure.locator("canvas").focus();
  await page.keyboard.press("End");
  const whole = await state(), blocks = await ask((element) => shoal.replays.get(element).model.blocks);
  ok(whole.every((n) => n === blocks), "replay: at the end everybody has every block", whole);
  await figure.locator("input[type=range]").fill("500");
  equal(await state(), half, "replay: going back comes to the same");
  ok(half.some((n) => n > 0 && n < blocks), "replay: half-way some have some");

  await page.keyboard.press("Home");
  await figure.locator("canvas").focus();
  await page.keyboard.press("Space");
  await page.waitForTimeout(300);
  await page.keyboard.press("Space");
  ok((await time()) < length / 2 && (await time()) > 0, "replay: space plays and pauses");
  await page.keyboard.press("ArrowDown");
  equal(await figure.locator("select").nth(1).inputValue(), "0", "replay: an arrow key follows a node");
  await figure.locator("input[type=number]").fill("7");
  ok((await figure.innerText()).includes("block 7:"), "replay: a block can be followed");
  await figure.locator("select").first().selectOption("4");
  await figure.locator("input[type=range]").fill("990");
  await figure.locator("button.play").click();
  await page.waitForTimeout(1000);
  equal(await time(), length, "replay: it reaches the end by itself");
  equal(await ask((element) => shoal.replays.get(element).isPlaying), false, "replay: and stops there");

  const places = await ask((element) => shoal.replays.get(element).painter.places[3]);
  const box = await figure.locator("canvas").boundingBox();
  await page.mouse.click(box.x + places[0], box.y + places[1]);
  equal(await figure.locator("select").nth(1).inputValue(), "3", "replay: a click follows a node");
  ok(await page.locator("#tip").isVisible(), "replay: the pointer tells a node's figures");
  alone(seen, "replay");
});

// The sums of the parts are the store's, to the nanosecond.
const waits = () => visit(file("plain.html"), {}, async (page) => {
  const sums = await page.evaluate(() => shoal.data.cases.flatMap((one) => one.details.map((d) => [d.run, d.waits.total_ns.reduce((a, b) => a + b, 0)])));
  const stored = new Map(fs.readFileSync(file("waits.tsv"), "utf8").trim().split("\n").map((line) => line.split("\t").map(Number)));
  ok(sums.length === 8, "waits: of each run that is drawn");
  sums.forEach(([run, ns]) => equal(ns, stored.get(run), `waits of run ${run}`));
  const explained = fs.readFileSync(file("explain.txt"), "utf8").replace(/\s+/g, " ");
  const sentences = await page.evaluate(() => shoal.data.cases.filter((one) => ["simple", "speed"].includes(one.scenario))
    .flatMap((one) => one.details).flatMap((d) => d.sentences.map((s) => s[2])));
  equal(sentences.length, 2 * (2 + 4), "a sentence of each download");
  sentences.forEach((text) => ok(explained.includes(text), "what is said of a download is what `shoal explain` says", `${text} in ${explained}`));
});

const study = () => visit(file("study.html"), {}, async (page, seen) => {
  await drawAll(page);
  const text = (await page.locator("#study-0 figure").first().innerText()).replace(/\u00a0/g, " ");
  const stored = fs.readFileSync(file("study.tsv"), "utf8").trim().split("\n").map(Number);
  const digits = (v) => v.toFixed(v < 10 ? 3 : 1);
  ok(text.includes(`${digits(stored[0])}\u00d7 at 1, ${digits(stored[stored.length - 1])}\u00d7 at 20`), "study: the speed-ups are the store's", `${stored} in ${text}`);
  equal(await page.locator("section[id^=case-]").count(), 0, "study: its cells have no sections of their own");
  ok(!(await page.locator(".cells tbody tr").first().isVisible()), "study: its cells are folded");
  await page.locator(".cells > summary").click();
  equal(await page.locator(".cells tbody tr:visible").count(), 3, "study: they are there");
  alone(seen, "study");
});

(async () => {
  await figures();
  await study();
  await replay();
  await waits();
  await fits(1280, "light");
  await fits(390, "dark");
  await keyboard();
  await hostile();
  await others();
  await print();
  process.exit(end());
})();
