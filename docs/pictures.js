// Takes the pictures of README.md from the page of a report: node pictures.js PAGE FOLDER
"use strict";
const path = require("path");
const { visit, drawAll } = require("../tests/report/browser.js");

const [page_file, folder] = process.argv.slice(2);
const picture = (name) => path.join(folder, `${name}.png`);

visit(page_file, { width: 940, height: 760 }, async (page) => {
  await drawAll(page);
  await page.screenshot({ path: picture("report") });
  await page.locator("#series .plots").screenshot({ path: picture("speed-up") });
  const index = await page.evaluate(() => shoal.data.cases.findIndex((one) => one.scenario === "twenty"));
  const replay = page.locator(`#case-${index} figure.replay`);
  await replay.evaluate((element) => {
    const replay = shoal.replays.get(element);
    replay.seek(replay.model.length * 0.42);
  });
  await replay.screenshot({ path: picture("replay") });
});
