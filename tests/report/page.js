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
  for (const plot of ["completion", "sent", "sources"]) {
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
  for (const name of ["empty", "one-model", "unfinished", "older"])
    await visit(file(`${name}.html`), {}, async (page, seen) => {
      await drawAll(page);
      const text = await page.locator("main").innerText();
      ok(!/NaN|undefined|Infinity|\[object/.test(text), `${name}: no broken figure`, text);
      ok(text.length > 40, `${name}: something is said`);
      alone(seen, name);
    });
};

const print = () => visit(file("plain.html"), { theme: "dark" }, async (page, seen) => {
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await page.pdf({ path: file("plain.pdf"), format: "A4", printBackground: true });
  ok(fs.statSync(file("plain.pdf")).size > 20000, "it can be printed");
  alone(seen, "print");
});

(async () => {
  await figures();
  await fits(1280, "light");
  await fits(390, "dark");
  await keyboard();
  await hostile();
  await others();
  await print();
  process.exit(end());
})();
